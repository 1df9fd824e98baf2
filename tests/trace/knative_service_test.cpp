#include "trace/knative_service.h"

#include <gtest/gtest.h>

#include <string>

namespace thaw {
namespace {

const std::string service = R"(
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: trace-func
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/initial-scale: "0"
        autoscaling.knative.dev/min-scale: "10"
        autoscaling.knative.dev/max-scale: "200"
    spec:
      containerConcurrency: 1
      containers:
        - image: registry.example/trace-func:latest
          ports:
            - name: h2c
              containerPort: 80
          env:
            - name: ITERATIONS_MULTIPLIER
              value: "102"
            - name: IO_PERCENTAGE
              value: "50"
)";

TEST(KnativeService, HasTheSettingsOfAFunction) {
  const auto function = parse_knative_service(service, "service.yaml");
  ASSERT_TRUE(function) << render(function.error());
  EXPECT_EQ(function->port, 80);
  EXPECT_EQ(function->protocol, "tcp");
  EXPECT_EQ(function->scaling_upper_bound, 200);
  EXPECT_EQ(function->scaling_lower_bound, 10);
  EXPECT_EQ(function->iteration_multiplier, 102);
  EXPECT_EQ(function->io_percentage, 50);
  EXPECT_EQ(function->image, "registry.example/trace-func:latest");
}

TEST(KnativeService, KeepsDefaultsForWhatItDoesNotSay) {
  const auto function =
      parse_knative_service("spec: {template: {spec: {containers: [{image: x}]}}}", "service.yaml");
  ASSERT_TRUE(function) << render(function.error());
  EXPECT_EQ(function->image, "x");
  EXPECT_EQ(function->port, 0);
  EXPECT_EQ(function->scaling_upper_bound, 0);
}

TEST(KnativeService, RefusesWhatIsNoServiceOrNoNumber) {
  std::string wrong = service;
  wrong.replace(wrong.find("\"102\""), 5, "many");
  for (const std::string& text :
       {std::string("[1, 2]"), std::string("spec: {template: 5}"), std::string(), wrong}) {
    const auto function = parse_knative_service(text, "service.yaml");
    ASSERT_FALSE(function) << text;
    EXPECT_EQ(function.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(function.error().where, "service.yaml");
  }
}

TEST(KnativeService, GivesThePlaceOfWhatIsNoYaml) {
  const auto function = parse_knative_service("spec:\n  - {a\n", "service.yaml");
  ASSERT_FALSE(function);
  EXPECT_EQ(function.error().where.rfind("service.yaml:", 0), 0U) << function.error().where;
}

}  // namespace
}  // namespace thaw
