#include "platform/registration.h"

#include <gmock/gmock.h>

#include "platform/routes.h"

namespace thaw {
namespace {

TEST(Registration, TakesNameMemoryAndScale) {
  const FunctionSpec spec =
      read_registration(
          "name=trace-func-0&image=docker.io%2Fx&requested_cpu=1000&requested_memory=170&"
          "scaling_upper_bound=9&scaling_lower_bound=1&port_forwarding=80&port_forwarding=tcp",
          {})
          .value();

  EXPECT_EQ(spec.name, "trace-func-0");
  EXPECT_EQ(spec.memory, 170_MiB);
  EXPECT_EQ(spec.max_instances, 9U);
  EXPECT_EQ(spec.min_instances, 1U);
}

TEST(Registration, TakesTheImageWhereTheSandboxIsAContainer) {
  FunctionSpec defaults;
  defaults.sandbox = "docker";

  EXPECT_EQ(read_registration("name=f&image=docker.io%2Fx%2Fy%3Alatest", defaults)->image,
            "docker.io/x/y:latest");
}

TEST(Registration, HandsTheTraceFunctionItsKnobs) {
  const FunctionSpec spec =
      read_registration("name=f&iteration_multiplier=102&cold_start_busy_loop_ms=250", {}).value();

  EXPECT_EQ(spec.environment.at("ITERATIONS_MULTIPLIER"), "102");
  EXPECT_EQ(spec.environment.at("COLD_START_BUSY_LOOP_MS"), "250");
}

TEST(Registration, TakesVariablesAndArgumentsOneAField) {
  FunctionSpec defaults;
  defaults.sandbox = "docker";
  defaults.command = {"serve", "--quietly"};
  const FunctionSpec spec =
      read_registration(
          "name=f&env_vars=A=1&program_args=--fault&env_vars=B%3Dx%3Dy&program_args=exit%3D3+now&env_vars=",
          defaults)
          .value();

  EXPECT_EQ(spec.environment, (std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}}));
  EXPECT_EQ(spec.command, (std::vector<std::string>{"serve", "--quietly", "--fault", "exit=3 now"}));
}

TEST(Registration, KeepsTheArgumentsOfAnImageFromTheDefaultCommand) {
  FunctionSpec defaults;
  defaults.sandbox = "process";
  defaults.command = {"thaw-fn"};

  EXPECT_EQ(read_registration("name=f&image=i&program_args=-x&program_args=1", defaults)->command,
            std::vector<std::string>{"thaw-fn"});
}

TEST(Registration, AVariableOfItsOwnWinsOverAKnob) {
  EXPECT_EQ(read_registration("name=f&env_vars=ITERATIONS_MULTIPLIER=7&iteration_multiplier=102", {})
                ->environment.at("ITERATIONS_MULTIPLIER"),
            "7");
}

TEST(Registration, AVariableWithoutAValueIsRefused) {
  EXPECT_FALSE(read_registration("name=f&env_vars=A", {}));
  EXPECT_FALSE(read_registration("name=f&env_vars==1", {}));
}

TEST(Registration, WithoutANameIsRefused) { EXPECT_FALSE(read_registration("image=x", {})); }

TEST(Registration, ANumberThatIsNoneIsRefused) {
  EXPECT_FALSE(read_registration("name=f&requested_memory=lots", {}));
}

TEST(EqualInConstantTime, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secret2"));
  EXPECT_FALSE(equal_in_constant_time("", "s"));
}

}  // namespace
}  // namespace thaw
