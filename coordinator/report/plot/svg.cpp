#include "coordinator/report/plot/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "coordinator/report/render/human.h"
#include "shared/base/utf8.h"

namespace firesweep::plot {
namespace {

constexpr std::array<std::string_view, 7> kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                      "#E69F00", "#56B4E9", "#000000"};
constexpr std::string_view kFonts =
    "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}
std::string attribute(std::string_view name, double value) {
  return attribute(name, number(value));
}

// Corners at the given angles (degrees, clockwise from the top) and radii.
std::string polygon(double x, double y, double radius, int corners, double first_angle,
                    double inner = 1) {
  std::string d;
  const int count = inner < 1 ? 2 * corners : corners;
  for (int i = 0; i < count; ++i) {
    const double angle = (first_angle + 360.0 * i / count) * std::numbers::pi / 180;
    const double r = i % 2 == 1 && inner < 1 ? radius * inner : radius;
    d += (i == 0 ? "M" : "L") + number(x + r * std::sin(angle)) + " " +
         number(y - r * std::cos(angle));
  }
  return d + "Z";
}

std::string cross(double x, double y, double r) {
  const double a = 0.36 * r;
  const std::array<std::pair<double, double>, 12> corners = {{{-a, -r},
                                                              {a, -r},
                                                              {a, -a},
                                                              {r, -a},
                                                              {r, a},
                                                              {a, a},
                                                              {a, r},
                                                              {-a, r},
                                                              {-a, a},
                                                              {-r, a},
                                                              {-r, -a},
                                                              {-a, -a}}};
  std::string d;
  for (const auto& [dx, dy] : corners)
    d += (d.empty() ? "M" : "L") + number(x + dx) + " " + number(y + dy);
  return d + "Z";
}

// Radii are scaled so that the areas are about the circle's.
std::string outline(double x, double y, double r, int kind) {
  switch (kind) {
    case 0:
      return "M" + number(x - r) + " " + number(y) + "a" + number(r) + " " + number(r) + " 0 1 0 " +
             number(2 * r) + " 0a" + number(r) + " " + number(r) + " 0 1 0 " + number(-2 * r) +
             " 0Z";
    case 1:
      return polygon(x, y, 1.25 * r, 4, 45);
    case 2:
      return polygon(x, y + 0.18 * r, 1.45 * r, 3, 0);
    case 3:
      return polygon(x, y, 1.3 * r, 4, 0);
    case 4:
      return polygon(x, y - 0.18 * r, 1.45 * r, 3, 180);
    case 5:
      return cross(x, y, 1.25 * r);
    default:
      return polygon(x, y, 1.5 * r, 5, 0, 0.5);
  }
}

}  // namespace

std::string number(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
  std::string text = buffer.data();
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : well_formed(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

double text_width(std::string_view text, double size, bool bold) {
  return static_cast<double>(display_width(text)) * size * (bold ? 0.64 : 0.59);
}

Marker marker_of(std::size_t variant) {
  const std::size_t round = variant / kColours.size();
  const auto kind = static_cast<int>((variant + round) % kMarkerKinds);
  return {kind, kColours[variant % kColours.size()]};
}

void Svg::open_group(const std::string& attributes) { body_ += "<g " + attributes + ">\n"; }
void Svg::close_group() { body_ += "</g>\n"; }

void Svg::line(double x1, double y1, double x2, double y2, std::string_view stroke, double width) {
  body_ += "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
           attribute("y2", y2) + attribute("stroke", stroke) + attribute("stroke-width", width) +
           "/>\n";
}

void Svg::path(const std::string& d, const std::string& attributes) {
  body_ += "<path d=\"" + d + "\" " + attributes + "/>\n";
}

void Svg::text(double x, double y, std::string_view text, const TextStyle& style) {
  std::string place = attribute("x", x) + attribute("y", y) + attribute("font-size", style.size);
  if (style.anchor != Anchor::kStart) {
    place += attribute("text-anchor", style.anchor == Anchor::kMiddle ? "middle" : "end");
  }
  if (style.bold) place += attribute("font-weight", "bold");
  const std::string content = ">" + escaped(text) + "</text>\n";
  if (style.halo) {
    body_ += "<text" + place +
             " fill=\"#FFFFFF\" stroke=\"#FFFFFF\" stroke-width=\"3\" stroke-linejoin=\"round\""
             " stroke-opacity=\"0.85\" aria-hidden=\"true\"" +
             content;
  }
  body_ += "<text" + place + attribute("fill", style.fill) + content;
}

void Svg::marker(double x, double y, double radius, const Marker& marker,
                 const std::string& attributes, std::string_view title) {
  body_ += "<path d=\"" + outline(x, y, radius, marker.kind) + "\"" +
           attribute("fill", marker.colour) + (attributes.empty() ? "" : " ") + attributes;
  body_ += title.empty() ? "/>\n" : "><title>" + escaped(title) + "</title></path>\n";
}

std::string Svg::finish(double width, double height, std::string_view title,
                        std::string_view description) const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         attribute("width", width) + attribute("height", height) +
         attribute("viewBox", "0 0 " + number(width) + " " + number(height)) +
         " role=\"img\" aria-labelledby=\"title description\"" + attribute("font-family", kFonts) +
         ">\n" + "<title id=\"title\">" + escaped(title) + "</title>\n<desc id=\"description\">" +
         escaped(description) + "</desc>\n<rect" + attribute("width", width) +
         attribute("height", height) + " fill=\"#FFFFFF\"/>\n" + body_ + "</svg>\n";
}

}  // namespace firesweep::plot
