#include "coordinator/report/pareto_svg.h"

#include <algorithm>
#include <map>
#include <set>

#include "coordinator/report/plot/axis.h"
#include "coordinator/report/plot/labels.h"
#include "coordinator/report/plot/svg.h"
#include "coordinator/report/render/human.h"

namespace firesweep {
namespace {

using plot::Anchor;
using plot::Axis;
using plot::Box;
using plot::Svg;

constexpr double kWidth = 960;
constexpr double kHeader = 52;        // the document's title
constexpr double kPanelHeight = 556;  // heading, plot and axis
constexpr double kLegendLine = 20;
constexpr double kFoot = 18;
constexpr Box kPlot = {84, 80, kWidth - 44, kPanelHeight - 52};  // within a panel
constexpr double kFrontRadius = 6.5;
constexpr double kOtherRadius = 4.2;
constexpr double kNameSize = 13.5;
constexpr double kDetailSize = 11.5;
constexpr std::size_t kMostDetailed = 10;  // front points that all get a label, of two lines
constexpr double kFarReach = 110;
constexpr double kNearReach =
    32;  // on a crowded front only labels beside their points stay readable
constexpr std::string_view kDark = "#1A1A1A";
constexpr std::string_view kGrey = "#5F6368";
constexpr std::string_view kGrid = "#E6E8EB";
constexpr const char* kTitle = "Accuracy against parameters";

using Markers = std::map<std::string, plot::Marker>;

// By name, so that a variant looks the same in every panel and in every picture of the same sweep.
Markers markers_of(const std::vector<ParetoPanel>& panels) {
  Markers markers;
  for (const ParetoPanel& panel : panels) {
    for (const ParetoPoint& p : panel.points) markers.emplace(p.variant, plot::Marker{});
  }
  std::size_t index = 0;
  for (auto& [variant, marker] : markers) marker = plot::marker_of(index++);
  return markers;
}

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

struct Label {
  std::string name;    // "v3 · 57.80 %"
  std::string detail;  // second line, may be empty
  const ParetoPoint* point;
  bool bold;
};

// One panel, drawn into a group of its own.
class PanelPicture {
 public:
  PanelPicture(Svg& svg, const ParetoPanel& panel, const Markers& markers, double top)
      : svg_(svg),
        panel_(panel),
        markers_(markers),
        x_(Axis::logarithmic(extreme(true, &params_of), extreme(false, &params_of), kPlot.left,
                             kPlot.right)),
        y_(Axis::percent(extreme(true, &score_of), extreme(false, &score_of), kPlot.bottom,
                         kPlot.top)) {
    svg_.open_group("transform=\"translate(0 " + plot::number(top) + ")\"");
  }

  // Returns the height taken.
  double draw() {
    heading();
    grid();
    staircase();
    const auto labels = labels_to_place();
    const auto placed = place(labels);
    points(false);
    intervals();
    points(true);
    write(labels, placed);
    const double height = kPanelHeight + legend(labels, placed) + kFoot;
    svg_.close_group();
    return height;
  }

 private:
  static double params_of(const ParetoPoint& p) {
    return static_cast<double>(std::max<std::int64_t>(p.params, 1));
  }
  static double score_of(const ParetoPoint& p) { return p.score; }

  double extreme(bool least, double (*of)(const ParetoPoint&)) const {
    const auto [low, high] = std::minmax_element(
        panel_.points.begin(), panel_.points.end(),
        [of](const ParetoPoint& a, const ParetoPoint& b) { return of(a) < of(b); });
    return of(least ? *low : *high);
  }
  double x(const ParetoPoint& p) const { return x_.at(params_of(p)); }
  double y(const ParetoPoint& p) const { return y_.at(p.score); }
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
    const bool simulated = panel_.board.trainer == "simulated";
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

  void points(bool on_front) {
    for (const ParetoPoint& p : panel_.points) {
      if (p.on_front != on_front) continue;
      svg_.marker(x(p), y(p), radius(p), markers_.at(p.variant),
                  on_front ? "stroke=\"#FFFFFF\" stroke-width=\"1.4\" paint-order=\"stroke\""
                           : "fill-opacity=\"0.42\"",
                  tooltip_of(p));
    }
  }

  void intervals() {
    for (const ParetoPoint* p : front()) {
      if (!p->ci_low || !p->ci_high) continue;
      svg_.line(x(*p), std::min(y_.at(*p->ci_low), kPlot.bottom), x(*p),
                std::max(y_.at(*p->ci_high), kPlot.top), markers_.at(p->variant).colour, 1.6);
    }
  }

  // The front, then the best point of every variant that is not on it.
  std::vector<Label> labels_to_place() const {
    std::vector<Label> labels;
    std::set<std::string> named;
    const auto steps = front();
    for (const ParetoPoint* p : steps) {
      if (p->duplicate) continue;
      labels.push_back({p->variant + " · " + human_percent(p->score),
                        steps.size() > kMostDetailed ? "" : settings_of(*p), p, true});
      named.insert(p->variant);
    }
    // Where not all find room, the most accurate ones come first.
    if (steps.size() > kMostDetailed) std::reverse(labels.begin(), labels.end());
    std::map<std::string, const ParetoPoint*> best;
    for (const ParetoPoint& p : panel_.points) {
      const auto [it, added] = best.emplace(p.variant, &p);
      if (!added && p.score > it->second->score) it->second = &p;
    }
    for (const auto& [variant, p] : best) {
      if (!named.contains(variant))
        labels.push_back({variant + " · " + human_percent(p->score), "", p, false});
    }
    return labels;
  }

  std::vector<std::optional<plot::PlacedLabel>> place(const std::vector<Label>& labels) const {
    std::vector<plot::LabelRequest> requests;
    for (const Label& label : labels) {
      const double width = std::max(plot::text_width(label.name, kNameSize, label.bold),
                                    plot::text_width(label.detail, kDetailSize, false));
      const bool crowded = label.bold && label.detail.empty();
      requests.push_back({x(*label.point), y(*label.point), width,
                          label.detail.empty() ? kNameSize : kNameSize + kDetailSize + 4,
                          crowded ? kNearReach : kFarReach});
    }
    std::vector<Box> soft;
    for (const ParetoPoint& p : panel_.points) {
      const double r = radius(p) + 1;
      soft.push_back({x(p) - r, y(p) - r, x(p) + r, y(p) + r});
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
    const Box bounds = {kPlot.left + 4, kPlot.top - 8, kPlot.right + 30, kPlot.bottom - 4};
    return plot::place_labels(requests, bounds, {}, soft);
  }

  void write(const std::vector<Label>& labels,
             const std::vector<std::optional<plot::PlacedLabel>>& placed) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!placed[i] || !placed[i]->leader) continue;
      svg_.line(x(*labels[i].point), y(*labels[i].point), placed[i]->leader_x, placed[i]->leader_y,
                "#9AA0A6", 0.9);
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!placed[i]) continue;
      const Label& label = labels[i];
      const Box& box = placed[i]->box;
      // Text hangs on the side of the box that faces its point.
      const double middle = (box.left + box.right) / 2;
      const double from = x(*label.point);
      const Anchor anchor = from >= box.right - 1  ? Anchor::kEnd
                            : from <= box.left + 1 ? Anchor::kStart
                                                   : Anchor::kMiddle;
      const double at = anchor == Anchor::kEnd     ? box.right
                        : anchor == Anchor::kStart ? box.left
                                                   : middle;
      svg_.text(at, box.top + 0.8 * kNameSize, label.name,
                {.size = kNameSize,
                 .fill = label.bold ? kDark : kGrey,
                 .anchor = anchor,
                 .bold = label.bold,
                 .halo = true});
      if (!label.detail.empty()) {
        svg_.text(at, box.top + 0.8 * kNameSize + kDetailSize + 4, label.detail,
                  {.size = kDetailSize, .fill = kGrey, .anchor = anchor, .halo = true});
      }
    }
  }

  // Only where names beside the points do not do: a variant without a label, or one spread over
  // many sizes. Returns the height taken.
  double legend(const std::vector<Label>& labels,
                const std::vector<std::optional<plot::PlacedLabel>>& placed) {
    std::set<std::string> named;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (placed[i]) named.insert(labels[i].point->variant);
    }
    std::map<std::string, std::int64_t> all;  // variant → params
    bool spread = false;
    for (const ParetoPoint& p : panel_.points)
      spread |= all.emplace(p.variant, p.params).first->second != p.params;
    if (all.size() < 2 || (!spread && named.size() == all.size())) return 0;
    double at = kPlot.left;
    double line = kPanelHeight + kLegendLine - 4;
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
    return line + 4 - kPanelHeight;
  }

  Svg& svg_;
  const ParetoPanel& panel_;
  const Markers& markers_;
  Axis x_, y_;
};

std::string described(const std::vector<ParetoPanel>& panels) {
  std::string text;
  for (const ParetoPanel& panel : panels) {
    text += heading_of(panel.board) + ": " + counts_of(panel) + ". The front:";
    for (const ParetoPoint& p : panel.points) {
      if (p.on_front) {
        text += " " + p.variant + " with " + human_whole(p.params) + " parameters reaches " +
                human_percent(p.score) + ";";
      }
    }
    text.back() = '.';
    text += '\n';
  }
  return text;
}

}  // namespace

std::string pareto_svg(const std::vector<ParetoPanel>& panels) {
  Svg svg;
  svg.text(kPlot.left, 34, kTitle, {.size = 21, .fill = kDark, .bold = true});
  std::vector<const ParetoPanel*> filled;
  for (const ParetoPanel& panel : panels) {
    if (!panel.points.empty()) filled.push_back(&panel);
  }
  if (filled.empty()) {
    svg.text(kPlot.left, 80, "No finished trials yet: nothing to show.",
             {.size = 15, .fill = kGrey});
    return svg.finish(kWidth, 120, kTitle, "No finished trials yet.");
  }
  const Markers markers = markers_of(panels);
  double top = kHeader;
  for (const ParetoPanel* panel : filled) {
    top += PanelPicture(svg, *panel, markers, top).draw();
  }
  return svg.finish(kWidth, top, kTitle, described(panels));
}

}  // namespace firesweep
