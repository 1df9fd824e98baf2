#include "functions/distributions.h"

#include <cmath>
#include <numbers>

#include "core/random.h"

namespace thaw::functions {
namespace {

RandomStream stream(std::uint64_t seed, std::uint64_t index) {
  return {seed, "functions.distributions", index};
}

/// Uniform on the open interval (0, 1): the half step keeps logarithms and tangents finite.
double open_uniform(RandomStream& random) { return random.uniform() + 0x1p-54; }

double constant(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] + p[1] * random.normal();
}

double normal(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] + p[1] * random.normal();
}

double uniform(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] + (p[1] - p[0]) * random.uniform();
}

double lognormal(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] * std::exp(p[1] * random.normal());
}

double loguniform(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] * std::pow(p[1] / p[0], random.uniform());
}

double cauchy(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  return p[0] + p[1] * std::tan(std::numbers::pi * (open_uniform(random) - 0.5));
}

double logistic(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  const double u = open_uniform(random);
  return p[0] + p[1] * std::log(u / (1 - u));
}

double bimodal(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  const double mode = random.uniform() < p[3] ? p[1] : p[0];
  return mode + p[2] * random.normal();
}

double multimodal(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  const double mode = std::floor(random.uniform() * std::floor(p[2]));
  return p[0] + p[1] * mode + p[3] * random.normal();
}

double sine(const Parameters& p, std::uint64_t seed, std::uint64_t index) {
  RandomStream random = stream(seed, index);
  const double turn = std::fmod(static_cast<double>(index), p[2]) / p[2];
  return p[0] + p[1] * std::sin(2 * std::numbers::pi * turn) + p[3] * random.normal();
}

constexpr std::array table = {
    Distribution{"constant", "VALUE + NOISE z", {{{"value", 0.010}, {"noise", 0, 0}}}, &constant},
    Distribution{"normal", "MEAN + SD z", {{{"mean", 0.010}, {"sd", 0.0012, 0}}}, &normal},
    Distribution{"uniform", "LOW + (HIGH - LOW) u", {{{"low", 0.0025}, {"high", 0.0105}}}, &uniform},
    Distribution{"lognormal", "MEDIAN exp(SIGMA z)", {{{"median", 0.010, 0}, {"sigma", 0.5, 0}}}, &lognormal},
    Distribution{
        "loguniform", "LOW (HIGH / LOW)^u", {{{"low", 0.001, 1e-12}, {"high", 0.100, 1e-12}}}, &loguniform},
    Distribution{"cauchy",
                 "LOCATION + SCALE tan(pi (u - 1/2))",
                 {{{"location", 0.010}, {"scale", 0.001, 0}}},
                 &cauchy},
    Distribution{"logistic",
                 "LOCATION + SCALE ln(u / (1 - u))",
                 {{{"location", 0.012}, {"scale", 0.001, 0}}},
                 &logistic},
    Distribution{"bimodal",
                 "SECOND with probability WEIGHT, else FIRST; + SD z",
                 {{{"first", 0.020}, {"second", 0.027}, {"sd", 0.001, 0}, {"weight", 0.5, 0}}},
                 &bimodal},
    Distribution{"multimodal",
                 "FIRST + STEP k, k uniform on 0 ... MODES-1; + SD z",
                 {{{"first", 0.012}, {"step", 0.009}, {"modes", 3, 1}, {"sd", 0.001, 0}}},
                 &multimodal},
    Distribution{"sine",
                 "MEAN + AMPLITUDE sin(2 pi i / PERIOD) + NOISE z",
                 {{{"mean", 0.010}, {"amplitude", 0.002}, {"period", 10, 1e-9}, {"noise", 0, 0}}},
                 &sine},
};

}  // namespace

std::span<const Distribution> distributions() { return table; }

}  // namespace thaw::functions
