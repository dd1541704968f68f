#include "coordinator/cli/explain_texts.h"

namespace firesweep {
namespace {

constexpr std::string_view kDistributionsText =
    R"(  Of one parameter, with the names and keys of W&B. All but the first two need a method
  other than grid.
  "distribution"            other keys             draws
  constant                  value                  this value
  categorical               values, probabilities  one of the values, each alike or as often as said
  uniform                   min, max               a number from min to max
  int_uniform               min, max               a whole number from min to max, both included
  log_uniform_values        min, max               evenly in the logarithm
  inv_log_uniform_values    min, max               log(1/x) evenly from log(1/max) to log(1/min)
  normal                    mu, sigma              by the normal distribution
  log_normal                mu, sigma              e to the power of a normal number: both are of
                                                   the logarithm
  beta                      a, b                   from 0 to 1, by the beta distribution
  q_uniform, q_log_uniform_values, q_normal, q_log_normal, q_beta
                            the same, and q        the multiple of q next to what is drawn
  Without "distribution": value is constant, values are categorical, min and max are int_uniform
  where both are whole and the parameter may be, else uniform.
  normal and log_normal are cut off at the parameter's limits: what lies outside is drawn again.
  Where less than a quarter lies inside, log_normal and the q_ ones are refused. Multiples of q lie
  within min and max, and within the parameter's limits. Methods that learn take them for choices
  and propose none twice.
  Whole parameters, such as batch_size, take int_uniform and the q_ ones with a whole q.
  Example: "batch_size": {"distribution": "q_log_uniform_values", "min": 32, "max": 512, "q": 32}
)";

constexpr std::string_view kZipText =
    R"(  Example: "zip": [["lr", "batch_size"]]
  The lists of these parameters are walked together: the first values make one setting, the second
  ones another, and so on, instead of every combination. With lr [0.005, 0.01] and batch_size
  [64, 128] there are two settings, not four. Each is combined with the other parameters.
  The lists have the same length, two values or more, and no "probabilities"; a parameter stands in
  one group only. Within a group a list may have a value twice, a whole row may not. If one of a
  group has a condition, all of the group have the same one.
  See also: conditions.
)";

constexpr std::string_view kConditionsText =
    R"(  Example: "conditions": {"momentum": {"optimizer": "sgd"},
                          "arch.width": {"variant": ["v3", "v4"], "epochs": 15}}
  A parameter with a condition exists only where each of the others has one of the values listed;
  elsewhere it has its default, as if the file did not give it, and makes no points of its own: with
  optimizer [adamw, sgd] and momentum [0.8, 0.9] there are three points, not four. The default of
  lr and weight_decay is that of the point's optimizer.
  A condition may name a parameter that has a condition itself: where that one does not exist, it
  has no value that a condition could ask for. Every trial has "variant". "exclude" does not see a
  parameter that does not exist; "constraints" see its default.
  `firesweep preview` says where a parameter has no effect, and the conditions to write against it.
  See also: zip, exclude.
)";

constexpr std::string_view kExcludeText =
    R"(  Example: "exclude": [{"variant": "v4", "lr": 0.01}, {"optimizer": "sgd", "lr": 0.001}]
  A point is left out if it has every value of one of the objects. Each value must be one of the
  sweep's: one that can match nothing is a mistake. `firesweep preview` counts what is left out.
)";

constexpr std::string_view kConstraintsText =
    R"(  Example: "constraints": ["params <= 8_000_000", "batch_size * epochs <= 4096"]
  A trial is run only if it satisfies each of them. They are checked before any training.
  Names      params, macs (of one image), model_bytes, every hyperparameter, and "arch.NAME" of a
             parameter that the sweep gives
  Operators  < <= > >= == !=, + - * /, and, or, not, parentheses; text stands in '…', as in
             "optimizer != 'sgd' or lr >= 0.01"
  A division by zero satisfies nothing. `firesweep preview` counts what is left out.
)";

constexpr std::string_view kArchText =
    R"(  Example: "variant": {"value": "v2"}, "arch.head_dropout": {"values": [0.0, 0.3]}
  A file of architectures/ has "params", numbers that it uses as "$NAME". A sweep varies NAME as
  "arch.NAME", like any other parameter. `firesweep inspect FILE` shows the network's layers.
  Blocks may be varied, too: {"choice": "$stage3", "of": {"fire": [...], "residual": [...],
  "none": []}} in the file, and "arch.stage3": {"values": ["fire", "residual"]} in the sweep.
  If only some variants have NAME, a condition says so:
  "conditions": {"arch.stage3": {"variant": ["v4", "v5"]}}
  See also: block, conditions.
)";

constexpr std::string_view kBlockText =
    R"(  Example: "blocks": [{"conv_bn_relu": 32, "stride": 2}, {"repeat": "$depth", "blocks": [...]},
                      "global_avg_pool", {"linear": "classes"}]
  An architecture file has a list of them; the last one gives a number for each class.
  conv, conv_bn_relu  so many channels; kernel (3), stride (1), padding (kernel / 2), groups (1)
  max_pool, avg_pool  of so many pixels; stride (the same), padding (0)
  linear              so many features
  dropout             with this probability
  act                 relu, relu6 or silu
  bn, flatten, global_avg_pool
                      stand alone, as text
  fire                {"squeeze": 8, "expand1x1": 32, "expand3x3": 32}
  residual            a list of blocks, to whose result its input is added; shortcut, post
  concat              lists of blocks, whose results are joined
  repeat              so many times the list in "blocks"
  choice              the list in "of" that a parameter names
  Numbers may be expressions of "in" (the channels or features that come in), "classes" and the
  file's own "$NAME". `firesweep inspect FILE` shows what a file makes of them.
  See also: arch.
)";

constexpr Topic kPointTopics[] = {
    {"distributions", "What a parameter is drawn from.", kDistributionsText,
     "parameters distribution constant categorical value values probabilities uniform int_uniform "
     "log_uniform_values inv_log_uniform_values normal log_normal beta q_uniform "
     "q_log_uniform_values q_normal q_log_normal q_beta min max mu sigma a b q"},
    {"zip", "Parameters whose lists are varied together.", kZipText},
    {"conditions", "Parameters that exist only where others have some values.", kConditionsText},
    {"exclude", "Points that are left out.", kExcludeText},
    {"constraints", "What a trial must satisfy to be run.", kConstraintsText,
     "params macs model_bytes"},
    {"arch", "Parameters of an architecture file: \"arch.NAME\".", kArchText, "choice of"},
    {"block", "The parts of which an architecture file makes its network.", kBlockText,
     "blocks conv bn act max_pool avg_pool global_avg_pool flatten linear conv_bn_relu fire "
     "residual concat repeat"},
};

}  // namespace

std::span<const Topic> topics_of_points() { return kPointTopics; }

}  // namespace firesweep
