#include "shared/transport/poll.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/shared/transport/exchange.h"
#include "tests/shared/transport/keyed.h"

namespace firesweep {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};

TEST(Poll, AnotherThreadWakesTheLoop) {
  WakePipe wake;
  std::thread other([&] { wake.wake(); });
  const Ready ready = poll({}, &wake, kLong);
  other.join();
  EXPECT_TRUE(ready.woken);
  EXPECT_TRUE(ready.any());
}

TEST(Poll, ManyWakeUpsCountAsOneUntilDrained) {
  WakePipe wake;
  wake.wake();
  wake.wake();
  EXPECT_TRUE(poll({}, &wake, kAtOnce).woken);
  EXPECT_TRUE(poll({}, &wake, kAtOnce).woken);
  EXPECT_TRUE(wake.drain());
  EXPECT_FALSE(wake.drain());
  EXPECT_FALSE(poll({}, &wake, kAtOnce).any());
}

TEST(Poll, TellsWhichSocketHasAMessage) {
  auto silent = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  auto busy = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(silent && busy);
  auto dealer = DealerSocket::connect(busy->last_endpoint(), caller_keys());
  ASSERT_TRUE(dealer);
  ASSERT_TRUE(send_when_connected(*dealer, "x"));
  const WakePipe wake;
  const std::array<void*, 2> sockets = {silent->handle(), busy->handle()};
  const Ready ready = poll(sockets, &wake, kLong);
  EXPECT_EQ(ready.sockets, (std::vector<bool>{false, true}));
  EXPECT_FALSE(ready.woken);
}

std::atomic<bool> handled{false};

TEST(Poll, ASignalEndsTheWaitWithoutAnError) {
  struct sigaction action{};
  action.sa_handler = [](int) { handled = true; };
  struct sigaction before{};
  sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> done{false};
  Ready ready;
  std::thread waiting([&] {
    const WakePipe wake;
    ready = poll({}, &wake, kLong);
    done = true;
  });
  // The signal may come before the wait begins: repeat until it ends it.
  while (!done) pthread_kill(waiting.native_handle(), SIGUSR1);
  waiting.join();
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_TRUE(handled);
  EXPECT_TRUE(ready.interrupted);
  EXPECT_FALSE(ready.any());
}

TEST(WakePipe, MovesWithItsDescriptor) {
  WakePipe first;
  first.wake();
  WakePipe second = std::move(first);
  EXPECT_TRUE(second.drain());
}

}  // namespace
}  // namespace firesweep
