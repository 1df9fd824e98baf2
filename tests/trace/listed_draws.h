#pragma once
// Draws that are known beforehand, for plans that are compared digit by digit.

#include <gtest/gtest.h>

#include <deque>

#include "trace/draws.h"

namespace thaw::testing {

/// Gives the listed values in order and fails the test when they run out.
class ListedDraws final : public Draws {
 public:
  std::deque<double> exponentials, uniforms;

  double uniform() override { return take(uniforms); }
  double exponential() override { return take(exponentials); }
  /// The place a listed uniform value points at.
  std::uint64_t below(std::uint64_t bound) override {
    return static_cast<std::uint64_t>(take(uniforms) * static_cast<double>(bound));
  }

 private:
  static double take(std::deque<double>& values) {
    if (values.empty()) {
      ADD_FAILURE() << "a draw more than the test lists";
      return 0.5;
    }
    const double value = values.front();
    values.pop_front();
    return value;
  }
};

/// The exponential draws behind the known plans.
inline const std::deque<double> known_exponentials = {
    0.66102108604517373,  1.857141737388796,  0.81950723781164136, 0.28033540507312243,
    0.015469887927800893, 2.0096651241801236, 1.0541999160691962,  0.75066982113463177,
    1.5242063656537614,   1.1922890308897913, 0.020490540066105928};

}  // namespace thaw::testing
