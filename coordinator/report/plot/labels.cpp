#include "coordinator/report/plot/labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace firesweep::plot {
namespace {

constexpr double kGap = 3;  // kept free around every label
constexpr double kLeaderFrom = 16;
constexpr double kCoveredCost = 14;  // of one soft box, in pixels of distance
constexpr double kWorst = 110;
constexpr std::array<double, 8> kDistances = {9, 14, 22, 32, 46, 64, 84, 104};

// Directions in the order of preference: a front has its free side to the upper left. `cost` breaks
// ties.
struct Direction {
  double dx, dy, cost;
};
constexpr std::array<Direction, 12> kDirections = {{{-0.7, -0.7, 0},
                                                    {0, -1, 2},
                                                    {0.7, -0.7, 4},
                                                    {-1, 0, 5},
                                                    {1, 0, 6},
                                                    {0.7, 0.7, 8},
                                                    {-0.7, 0.7, 10},
                                                    {0, 1, 10},
                                                    {-0.4, -0.9, 3},
                                                    {0.4, -0.9, 4},
                                                    {-0.9, -0.4, 4},
                                                    {0.9, 0.4, 8}}};

// The box whose edge or corner faces the point from that side.
Box box_at(const LabelRequest& request, const Direction& direction, double distance) {
  const double x = request.x + direction.dx * distance;
  const double y = request.y + direction.dy * distance;
  const double left = direction.dx < -0.3  ? x - request.width
                      : direction.dx > 0.3 ? x
                                           : x - request.width / 2;
  const double top = direction.dy < -0.3  ? y - request.height
                     : direction.dy > 0.3 ? y
                                          : y - request.height / 2;
  return {left, top, left + request.width, top + request.height};
}

Box grown(const Box& box, double by) {
  return {box.left - by, box.top - by, box.right + by, box.bottom + by};
}

bool covers_any(const Box& box, const std::vector<Box>& others) {
  return std::any_of(others.begin(), others.end(),
                     [&](const Box& other) { return box.overlaps(other); });
}

double covered(const Box& box, const std::vector<Box>& soft) {
  return static_cast<double>(std::count_if(soft.begin(), soft.end(),
                                           [&](const Box& other) { return box.overlaps(other); }));
}

// Whether the line from a to b touches the box: clipped by each side in turn (Liang and Barsky, "A
// New Concept and Method for Line Clipping", ACM TOG 1984, section 2).
bool crosses(double ax, double ay, double bx, double by, const Box& box) {
  double from = 0;
  double to = 1;
  const auto clip = [&](double step, double room) {  // the part where step * t <= room
    if (step == 0) return room >= 0;
    if (step > 0) to = std::min(to, room / step);
    if (step < 0) from = std::max(from, room / step);
    return from <= to;
  };
  return clip(ax - bx, ax - box.left) && clip(bx - ax, box.right - ax) &&
         clip(ay - by, ay - box.top) && clip(by - ay, box.bottom - ay);
}

bool crosses_any(const LabelRequest& request, const PlacedLabel& label,
                 std::span<const Box> others) {
  return std::any_of(others.begin(), others.end(), [&](const Box& other) {
    return crosses(request.x, request.y, label.leader_x, label.leader_y, other);
  });
}

}  // namespace

std::vector<std::optional<PlacedLabel>> place_labels(const std::vector<LabelRequest>& requests,
                                                     const Box& bounds,
                                                     const std::vector<Box>& solid,
                                                     const std::vector<Box>& soft) {
  std::vector<Box> taken = solid;
  std::vector<std::optional<PlacedLabel>> placed;
  for (const LabelRequest& request : requests) {
    double best_cost = kWorst;
    std::optional<PlacedLabel> best;
    for (const double distance : kDistances) {
      if (distance > request.reach) break;
      for (const Direction& direction : kDirections) {
        const Box box = box_at(request, direction, distance);
        const Box with_gap = grown(box, kGap);
        if (!bounds.contains(box) || covers_any(with_gap, taken)) continue;
        const double cost = distance + direction.cost + kCoveredCost * covered(with_gap, soft);
        if (cost >= best_cost) continue;
        const PlacedLabel label{box, distance > kLeaderFrom,
                                std::clamp(request.x, box.left, box.right),
                                std::clamp(request.y, box.top, box.bottom)};
        const std::span<const Box> labels = std::span(taken).subspan(solid.size());
        if (label.leader && crosses_any(request, label, labels)) continue;
        best_cost = cost;
        best = label;
      }
    }
    if (best) taken.push_back(best->box);
    placed.push_back(best);
  }
  return placed;
}

}  // namespace firesweep::plot
