#include "coordinator/report/pareto_panel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "coordinator/report/pareto_labels.h"
#include "coordinator/report/plot/axis.h"
#include "coordinator/report/render/human.h"

namespace firesweep {
namespace {

using plot::Anchor;
using plot::Axis;
using plot::Box;
using plot::kDark;
using plot::kGrey;
using plot::Svg;

constexpr double kPanelHeight = 556;  // heading, plot and axis
constexpr double kLegendLine = 20;
constexpr double kFoot = 18;
constexpr Box kPlot = {kPanelLeft, 80, kPictureWidth - 44, kPanelHeight - 52};  // within a panel
constexpr double kFrontRadius = 6.5;
constexpr double kOtherRadius = 4.2;
constexpr double kReferenceRadius = 4;
constexpr std::size_t kMany = 2000;        // points of which those on the same pixel are drawn once
constexpr std::size_t kMostDetailed = 10;  // front points that all get a label, of two lines
constexpr std::string_view kGrid = "#E6E8EB";
constexpr const char* kHalo = "stroke=\"#FFFFFF\" stroke-width=\"1.4\"";
constexpr const char* kHollow = "stroke=\"#80868B\" stroke-width=\"1.3\"";

std::string settings_of(const ParetoPoint& p) {
  std::string text;
  if (p.lr) text += "lr " + to_string(Value(*p.lr));
  if (p.label_smoothing)
    text += (text.empty() ? "" : " · ") + ("smoothing " + to_string(Value(*p.label_smoothing)));
  if (!p.varied.empty()) text += (text.empty() ? "" : " · ") + p.varied;
  return text;
}

std::string tooltip_of(const ParetoPoint& p) {
  return p.point + ": " + p.variant + ", " + settings_of(p) + ", " + human_percent(p.score) + ", " +
         human_whole(p.params) + " parameters" +
         (p.n_seeds > 1 ? ", " + std::to_string(p.n_seeds) + " seeds" : "");
}

// Those of a source that are drawn, and how many are not.
struct DrawnSource {
  std::string source;
  std::vector<ReferencePoint> points;
  std::size_t left_out = 0;
};

double params_of(const ParetoPoint& p) {
  return static_cast<double>(std::max<std::int64_t>(p.params, 1));
}
double params_of(const ReferencePoint& p) { return static_cast<double>(p.params); }

struct Range {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  void include(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

Axis parameter_axis(const ParetoPanel& panel, const PanelReferences& references) {
  Range range;
  for (const ParetoPoint& p : panel.points) range.include(params_of(p));
  for (const ReferenceSource& source : references.sources) {
    if (!references.widen) break;
    for (const ReferencePoint& p : source.points) range.include(params_of(p));
  }
  return Axis::logarithmic(range.least, range.most, kPlot.left, kPlot.right);
}

std::vector<DrawnSource> within(const Axis& axis, const std::vector<ReferenceSource>& sources) {
  std::vector<DrawnSource> drawn;
  for (const ReferenceSource& source : sources) {
    DrawnSource& to = drawn.emplace_back(DrawnSource{source.source, {}, 0});
    for (const ReferencePoint& p : source.points) {
      const bool inside = params_of(p) >= axis.low() && params_of(p) <= axis.high();
      if (inside) to.points.push_back(p);
      to.left_out += inside ? 0 : 1;
    }
  }
  return drawn;
}

Axis accuracy_axis(const ParetoPanel& panel, const std::vector<DrawnSource>& references) {
  Range range;
  for (const ParetoPoint& p : panel.points) range.include(p.score);
  for (const DrawnSource& source : references) {
    for (const ReferencePoint& p : source.points) range.include(p.accuracy);
  }
  return Axis::percent(range.least, range.most, kPlot.bottom, kPlot.top);
}

Box around(double x, double y, double radius) {
  return {x - radius, y - radius, x + radius, y + radius};
}

// One panel, drawn into a group of its own.
class PanelPicture {
 public:
  PanelPicture(Svg& svg, const ParetoPanel& panel, const PanelReferences& references,
               const Markers& markers, double top)
      : svg_(svg),
        panel_(panel),
        markers_(markers),
        x_(parameter_axis(panel, references)),
        references_(within(x_, references.sources)),
        y_(accuracy_axis(panel, references_)) {
    svg_.open_group("transform=\"translate(0 " + plot::number(top) + ")\"");
  }

  // Returns the height taken.
  double draw() {
    heading();
    grid();
    staircase();
    const PanelLabels labels = placed_labels();
    labels.write_leaders(svg_);
    published();
    points(false);
    intervals();
    points(true);
    labels.write(svg_);
    const double line = legend_of_variants(labels.named(), kPanelHeight - 4);
    const double height = legend_of_references(line) + 4 + kFoot;
    svg_.close_group();
    return height;
  }

 private:
  double x(const ParetoPoint& p) const { return x_.at(params_of(p)); }
  double y(const ParetoPoint& p) const { return y_.at(p.score); }
  double x(const ReferencePoint& p) const { return x_.at(params_of(p)); }
  double y(const ReferencePoint& p) const { return y_.at(p.accuracy); }
  double radius(const ParetoPoint& p) const {
    if (p.on_front) return kFrontRadius;
    return panel_.points.size() > 150 ? kOtherRadius * 0.75 : kOtherRadius;
  }
  std::vector<const ParetoPoint*> front() const {
    std::vector<const ParetoPoint*> front;
    for (const ParetoPoint& p : panel_.points) {
      if (p.on_front) front.push_back(&p);
    }
    return front;
  }

  void heading() {
    const bool simulated = is_simulated(panel_.board);
    svg_.text(kPlot.left, 14, heading_of(panel_.board),
              {.size = 14, .fill = simulated ? "#B34700" : kDark, .bold = simulated});
    svg_.text(kPlot.left, 33, counts_of(panel_), {.size = 13, .fill = kGrey});
    svg_.text(kPlot.left, kPlot.top - 14, score_name(panel_.board), {.size = 12, .fill = kGrey});
  }

  void grid() {
    for (const plot::Tick& tick : y_.ticks()) {
      svg_.line(kPlot.left, y_.at(tick.value), kPlot.right, y_.at(tick.value), kGrid, 1);
      svg_.text(kPlot.left - 10, y_.at(tick.value) + 4, tick.label,
                {.size = 12, .fill = kGrey, .anchor = Anchor::kEnd});
    }
    for (const plot::Tick& tick : x_.ticks()) {
      const double at = x_.at(tick.value);
      svg_.line(at, kPlot.top, at, kPlot.bottom, kGrid, 1);
      svg_.line(at, kPlot.bottom, at, kPlot.bottom + 5, kGrey, 1);
      svg_.text(at, kPlot.bottom + 21, tick.label,
                {.size = 12, .fill = kGrey, .anchor = Anchor::kMiddle});
    }
    svg_.line(kPlot.left, kPlot.bottom, kPlot.right, kPlot.bottom, kGrey, 1.2);
    svg_.text((kPlot.left + kPlot.right) / 2, kPlot.bottom + 43, "Parameters (logarithmic)",
              {.size = 12, .fill = kGrey, .anchor = Anchor::kMiddle});
  }

  // The best accuracy to be had with at most so many parameters; what lies below it is shaded.
  void staircase() {
    const auto steps = front();
    std::string line;
    double last = 0;
    for (const ParetoPoint* p : steps) {
      line += line.empty() ? "M" + plot::number(x(*p)) + " " + plot::number(y(*p))
                           : "H" + plot::number(x(*p)) + "V" + plot::number(y(*p));
      last = y(*p);
    }
    const std::string shade = line + "H" + plot::number(kPlot.right) + "V" +
                              plot::number(kPlot.bottom) + "H" + plot::number(x(*steps.front())) +
                              "Z";
    svg_.path(shade, "fill=\"#1A1A1A\" fill-opacity=\"0.035\"");
    svg_.path(line,
              "fill=\"none\" stroke=\"#1A1A1A\" stroke-width=\"1.8\" stroke-linejoin=\"round\"");
    svg_.path("M" + plot::number(x(*steps.back())) + " " + plot::number(last) + "H" +
                  plot::number(kPlot.right),
              "fill=\"none\" stroke=\"#1A1A1A\" stroke-width=\"1.4\" stroke-dasharray=\"2 5\"");
  }

  // What keeps a point of the front apart from what lies below it.
  plot::Marker halo_of(const ParetoPoint& p) const {
    return {markers_.at(p.variant).kind, "#FFFFFF"};
  }

  void points(bool on_front) {
    std::set<std::tuple<std::string_view, long, long>> covered;
    const bool many = panel_.points.size() > kMany;
    for (const ParetoPoint& p : panel_.points) {
      if (p.on_front != on_front) continue;
      if (many && !on_front &&
          !covered.emplace(p.variant, std::lround(x(p)), std::lround(y(p))).second)
        continue;
      if (on_front) svg_.marker(x(p), y(p), radius(p), halo_of(p), kHalo, "");
      svg_.marker(x(p), y(p), radius(p), markers_.at(p.variant),
                  on_front ? "" : "fill-opacity=\"0.42\"", tooltip_of(p));
    }
  }

  void intervals() {
    for (const ParetoPoint* p : front()) {
      if (!p->ci_low || !p->ci_high) continue;
      svg_.line(x(*p), std::min(y_.at(*p->ci_low), kPlot.bottom), x(*p),
                std::max(y_.at(*p->ci_high), kPlot.top), markers_.at(p->variant).colour, 1.6);
    }
  }

  static plot::Marker hollow(std::size_t source) {
    return {static_cast<int>(source % plot::kMarkerKinds), "#FFFFFF"};
  }

  void published() {
    for (std::size_t i = 0; i < references_.size(); ++i) {
      for (const ReferencePoint& p : references_[i].points) {
        svg_.marker(x(p), y(p), kReferenceRadius, hollow(i), kHollow,
                    p.name + ", " + human_percent(p.accuracy) + ", " + human_whole(p.params) +
                        " parameters. " + references_[i].source);
      }
    }
  }

  // The front, then the best point of every variant that is not on it, then what was published.
  PanelLabels placed_labels() const {
    PanelLabels labels;
    std::set<std::string> named;
    auto steps = front();
    const bool crowded = steps.size() > kMostDetailed;
    // Where not all find room, the most accurate ones come first.
    if (crowded) std::reverse(steps.begin(), steps.end());
    for (const ParetoPoint* p : steps) {
      if (p->duplicate) continue;
      labels.add({x(*p), y(*p), label_of(*p), crowded ? "" : settings_of(*p), LabelKind::kFront,
                  p->variant, crowded});
      named.insert(p->variant);
    }
    std::map<std::string, const ParetoPoint*> best;
    for (const ParetoPoint& p : panel_.points) {
      const auto [it, added] = best.emplace(p.variant, &p);
      if (!added && p.score > it->second->score) it->second = &p;
    }
    for (const auto& [variant, p] : best) {
      if (named.contains(variant)) continue;
      labels.add({x(*p), y(*p), label_of(*p), "", LabelKind::kVariant, variant, false});
    }
    for (const DrawnSource& source : references_) {
      for (const ReferencePoint& p : source.points) {
        labels.add({x(p), y(p), p.name + " · " + human_percent(p.accuracy), "",
                    LabelKind::kReference, "", false});
      }
    }
    const Box bounds = {kPlot.left + 4, kPlot.top - 8, kPlot.right + 30, kPlot.bottom - 4};
    labels.place(bounds, {}, to_keep_clear());
    return labels;
  }

  static std::string label_of(const ParetoPoint& p) {
    return p.variant + " · " + human_percent(p.score);
  }

  std::vector<Box> to_keep_clear() const {
    std::vector<Box> soft;
    for (const ParetoPoint& p : panel_.points) soft.push_back(around(x(p), y(p), radius(p) + 1));
    for (const DrawnSource& source : references_) {
      for (const ReferencePoint& p : source.points)
        soft.push_back(around(x(p), y(p), kReferenceRadius + 1));
    }
    const auto steps = front();
    for (const ParetoPoint* p : steps) {
      if (p->ci_low && p->ci_high)
        soft.push_back({x(*p) - 1, y_.at(*p->ci_high), x(*p) + 1, y_.at(*p->ci_low)});
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool final = i + 1 == steps.size();
      const double next = final ? kPlot.right : x(*steps[i + 1]);
      soft.push_back({x(*steps[i]), y(*steps[i]) - 1, next, y(*steps[i]) + 1});
      if (!final) soft.push_back({next - 1, y(*steps[i + 1]), next + 1, y(*steps[i])});
    }
    return soft;
  }

  // Only where names beside the points do not do: a variant without a label, or one spread over
  // many sizes. Begins below `line`; returns its last line.
  double legend_of_variants(const std::set<std::string>& named, double line) {
    std::map<std::string, std::int64_t> all;  // variant → params
    bool spread = false;
    for (const ParetoPoint& p : panel_.points)
      spread |= all.emplace(p.variant, p.params).first->second != p.params;
    if (all.size() < 2 || (!spread && named.size() == all.size())) return line;
    double at = kPlot.left;
    line += kLegendLine;
    for (const auto& [variant, params] : all) {
      const double width = 30 + plot::text_width(variant, 12, false);
      if (at + width > kPlot.right) {
        at = kPlot.left;
        line += kLegendLine;
      }
      svg_.marker(at + 6, line - 4, 5, markers_.at(variant), "", "");
      svg_.text(at + 16, line, variant, {.size = 12, .fill = kDark});
      at += width;
    }
    return line;
  }

  // A line a source.
  double legend_of_references(double line) {
    for (std::size_t i = 0; i < references_.size(); ++i) {
      line += kLegendLine;
      svg_.marker(kPlot.left + 6, line - 4, kReferenceRadius, hollow(i), kHollow, "");
      svg_.text(kPlot.left + 16, line, legend_of(references_[i]), {.size = 12, .fill = kGrey});
    }
    return line;
  }

  static std::string legend_of(const DrawnSource& source) {
    if (source.left_out == 0) return source.source;
    const std::size_t all = source.left_out + source.points.size();
    return source.source + " (" + std::to_string(source.left_out) + " of " + std::to_string(all) +
           " lie outside this range)";
  }

  Svg& svg_;
  const ParetoPanel& panel_;
  const Markers& markers_;
  Axis x_;
  std::vector<DrawnSource> references_;
  Axis y_;
};

}  // namespace

double draw_panel(Svg& svg, const ParetoPanel& panel, const PanelReferences& references,
                  const Markers& markers, double top) {
  return PanelPicture(svg, panel, references, markers, top).draw();
}

std::string counts_of(const ParetoPanel& panel) {
  std::int64_t trials = 0;
  std::size_t front = 0;
  bool intervals = false;
  for (const ParetoPoint& p : panel.points) {
    trials += p.n_seeds;
    front += p.on_front ? 1 : 0;
    intervals |= p.on_front && p.ci_low;
  }
  const std::string points =
      std::to_string(panel.points.size()) + (panel.points.size() == 1 ? " point" : " points");
  const bool seeds = trials != static_cast<std::int64_t>(panel.points.size());
  return points + (seeds ? " from " + std::to_string(trials) + " trials" : "") + ", " +
         std::to_string(front) + " on the front" +
         (intervals ? "; bars: 95 % interval over seeds" : "");
}

}  // namespace firesweep
