#include "load/thread_rank.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>

namespace thaw {
namespace {

int own_nice() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

/// Whether a thread of ours may have a negative nice value.
bool may_go_first() {
  return std::async(std::launch::async,
                    [] { return ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), -10) == 0; })
      .get();
}

template <class Work>
auto in_a_thread(Work work) {
  return std::async(std::launch::async, work).get();
}

TEST(ThreadRank, PutsTheSendingThreadFirstWhereThatIsAllowed) {
  const int expected = may_go_first() ? -10 : 0;

  EXPECT_EQ(in_a_thread([] {
              go_first();
              return own_nice();
            }),
            expected);
}

TEST(ThreadRank, LeavesWhatTheSendingThreadStartsAsItWas) {
  EXPECT_EQ(in_a_thread([] {
              go_first();
              return in_a_thread(own_nice);
            }),
            0);
}

TEST(ThreadRank, KeepsANiceValueThatSomebodyChose) {
  EXPECT_EQ(in_a_thread([] {
              ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 5);
              go_first();
              return own_nice();
            }),
            5);
}

TEST(ThreadRank, PutsTheOthersBehind) {
  EXPECT_EQ(in_a_thread([] {
              stay_behind();
              return ::sched_getscheduler(0);
            }),
            SCHED_IDLE);
}

}  // namespace
}  // namespace thaw
