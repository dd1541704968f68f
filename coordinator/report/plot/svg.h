// Writes the few SVG elements that a plot needs. Every text that may come from a user is escaped.
#pragma once

#include <string>
#include <string_view>

namespace firesweep::plot {

// "12.5": at most two decimals, no exponent.
std::string number(double value);
// The text with & < > " ' escaped, control characters replaced by blanks, and broken UTF-8 by
// U+FFFD.
std::string escaped(std::string_view text);

// Of headings and of side notes.
inline constexpr std::string_view kDark = "#1A1A1A";
inline constexpr std::string_view kGrey = "#5F6368";

enum class Anchor { kStart, kMiddle, kEnd };

struct TextStyle {
  double size = 12;
  std::string_view fill = "#222222";
  Anchor anchor = Anchor::kStart;
  bool bold = false;
  // A white outline, so that the text is readable on grid and points. It is a copy of the text
  // below it, hidden from screen readers, since simple renderers do not support paint-order.
  bool halo = false;
};

// Width of a line in the document's fonts; an estimate that is rather too large.
double text_width(std::string_view text, double size, bool bold);

// Markers of equal visual weight. A variant has the same colour and shape in all panels.
inline constexpr int kMarkerKinds = 7;
struct Marker {
  int kind = 0;             // 0 … kMarkerKinds - 1: shape
  std::string_view colour;  // "#0072B2"
};
// The marker of the i-th variant. The colours are those of Okabe and Ito, which are distinguishable
// with any colour vision. After the first seven variants each colour is combined with other shapes.
Marker marker_of(std::size_t variant);

// A growing document.
class Svg {
 public:
  void open_group(const std::string& attributes);
  void close_group();
  void line(double x1, double y1, double x2, double y2, std::string_view stroke, double width);
  void path(const std::string& d, const std::string& attributes);
  void text(double x, double y, std::string_view text, const TextStyle& style);
  // Browsers show `title` when the pointer is over the marker; empty for none.
  void marker(double x, double y, double radius, const Marker& marker,
              const std::string& attributes, std::string_view title);

  // The whole file, `width` × `height`, with a title and description for screen readers.
  std::string finish(double width, double height, std::string_view title,
                     std::string_view description) const;

 private:
  std::string body_;
};

}  // namespace firesweep::plot
