// A visitor for std::visit made of lambdas, one for each alternative.
#pragma once

namespace firesweep {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace firesweep
