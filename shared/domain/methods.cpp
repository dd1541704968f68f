#include "shared/domain/methods.h"

#include <array>
#include <cstddef>

namespace firesweep {
namespace {

constexpr std::array<MethodInfo, kWordsOf<Method>.size()> kMethods = {{
    {.method = Method::kGrid,
     .help = "Every combination of the listed values.",
     .text =
         R"(  Use it to compare a few values of one to three parameters, each with several seeds. The number
  of trials is the product of the lists. Same file, same trials.
)"},
    {.method = Method::kRandom,
     .draws = true,
     .help = "Independent random points, none twice.",
     .text =
         R"(  Use it for many parameters of unknown importance, and as the baseline of every other method.
  Any budget; each trial is as good as any other, so a sweep may be stopped or extended at any
  time. Same file, same trials. Bergstra and Bengio, JMLR 13, 2012.
)"},
    {.method = Method::kSobol,
     .draws = true,
     .help = "Points that cover the space evenly.",
     .text =
         R"(  Use it instead of random to look at the whole space with few trials, or to measure which
  parameter matters. A power of two makes the most even run_cap. Same file, same trials. Sobol
  1967 with the direction numbers of Joe and Kuo 2008, scrambled in the manner of Owen.
)"},
    {.method = Method::kTpe,
     .draws = true,
     .learns = true,
     .help = "Proposes what is likely among the good trials and unlikely among the others.",
     .text =
         R"(  Use it as the first choice for one metric with 30 to 1000 trials: real, whole and categorical
  parameters, several workers. The first 10 trials are random, so that run_cap 30 is the least
  that pays. Keep workers below a quarter of run_cap: each proposal knows only what has ended.
  Parameters with a condition are modelled where they exist, each group by itself.
  Bergstra et al., NIPS 2011; multivariate as in BOHB, ICML 2018.
)"},
    {.method = Method::kEvolution,
     .draws = true,
     .learns = true,
     .help = "Mutates one parameter of the best of a few recent trials.",
     .text =
         R"(  Use it for architectures: many categorical parameters (variant, arch.NAME, which block goes
  where: sweeps/evolution.json) of which a good network has most right, with 100 trials or more.
  The first 20 trials are random. A parameter with a condition is drawn at random where a mutation
  makes it exist. Real et al., Regularized Evolution for Image Classifier Architecture Search,
  AAAI 2019.
)"},
    {.method = Method::kNsga2,
     .draws = true,
     .learns = true,
     .help = "Searches the whole front of accuracy (up) against parameters (down).",
     .text =
         R"(  Use it where the Pareto front matters and not one winner: variants and widths are parameters,
  the metric is one objective and the number of parameters the other. 100 trials or more; the
  first 20 are random. Parameters with a condition are treated as by evolution. Deb et al., IEEE
  Transactions on Evolutionary Computation 6(2), 2002.
)"},
    {.method = Method::kGp,
     .draws = true,
     .learns = true,
     .help = "A Gaussian process with expected improvement, for few and expensive trials.",
     .text =
         R"(  Use it for one metric with 15 to 100 trials and at most about 10 parameters, mostly real ones.
  The first 8 trials are random. Later proposals take it longer, and tpe is as good by then.
  To it, a parameter that does not exist at a point is as far from any value as another category.
  Jones, Schonlau, Welch, Journal of Global Optimization 13, 1998.
)"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    if (kMethods[i].method != static_cast<Method>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const MethodInfo> methods() { return kMethods; }

const MethodInfo& method_info(Method method) { return kMethods[static_cast<std::size_t>(method)]; }

}  // namespace firesweep
