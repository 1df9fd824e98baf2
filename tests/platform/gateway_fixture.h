#pragma once
// A gateway inside the test, with its functions and its event log.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/files.h"
#include "http_client.h"
#include "platform/gateway.h"
#include "record/container_event.h"

namespace thaw {

/// An event of the log as "start cold f 1".
inline std::string text_of(const ContainerEvent& event) {
  std::string text(name_of(event.moment));
  if (event.moment == ContainerMoment::start) text += fmt::format(" {}", name_of(event.kind));
  text += fmt::format(" {}", event.function);
  if (event.instance != 0) text += fmt::format(" {}", event.instance);
  return text;
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() : folder_(TemporaryDirectory::create("thaw-gateway").value()) {
    options_.listen = "127.0.0.1:0";
    options_.events = folder_.path() / "events.ndjson";
    options_.state = folder_.path() / "state";
    options_.memory = 1_GiB;
    options_.policy = "lru";
  }

  static FunctionSpec thread(std::string name, Bytes memory = 64_MiB) {
    FunctionSpec spec;
    spec.name = std::move(name);
    spec.sandbox = "thread";
    spec.memory = memory;
    return spec;
  }
  static FunctionSpec faulty(std::string name, std::string fault = "") {
    FunctionSpec spec;
    spec.name = std::move(name);
    spec.command = {FAULTY_FUNCTION};
    spec.memory = 64_MiB;
    if (!fault.empty()) spec.environment["FAULT"] = std::move(fault);
    return spec;
  }

  void start(const std::vector<FunctionSpec>& functions, Clock& clock = system_clock()) {
    auto gateway = Gateway::start(options_, functions, clock);
    ASSERT_TRUE(gateway) << render(gateway.error());
    gateway_ = std::move(*gateway);
  }

  /// A client of its own.
  HttpClient client() const { return HttpClient(gateway_->url()); }
  Answer post(std::string_view target, std::string_view body = {}) const {
    return client().post(target, body);
  }

  /// A number among a function's counts or instances.
  [[nodiscard]] std::uint64_t count(std::string_view function, const char* group, const char* key) const {
    for (const auto& one : gateway_->functions()) {
      if (one["name"] == function) return one[group][key].get<std::uint64_t>();
    }
    return 0;
  }

  /// Waits for something that another thread or process is about to do; false when it does not happen.
  static bool eventually(const std::function<bool()>& happens) {
    for (int tries = 0; tries < 1000; ++tries) {
      if (happens()) return true;
      system_clock().sleep_until(system_clock().now() + std::chrono::milliseconds(5));
    }
    return false;
  }

  /// Ends the gateway and reads its log.
  std::vector<std::string> events() {
    gateway_->stop();
    std::vector<std::string> texts;
    const auto header = read_container_log(
        options_.events, [&](const ContainerEvent& event) { texts.push_back(text_of(event)); });
    EXPECT_TRUE(header) << render(header.error());
    return texts;
  }

  TemporaryDirectory folder_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace thaw
