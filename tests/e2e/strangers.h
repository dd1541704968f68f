// People who are not invited, and what they try: for tests with a real coordinator.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/unique_fd.h"
#include "shared/transport/curve_keys.h"
#include "shared/transport/dealer_socket.h"
#include "shared/wire/messages.h"

namespace firesweep::e2e {

// How long a stranger waits for an answer: many times what a handshake and an answer take here.
inline constexpr std::chrono::milliseconds kStrangersPatience{700};

// Every kind of message that a coordinator knows, as one who had read the source would write it;
// the last ones are invitations that nobody gave.
std::vector<std::string> everything_one_can_say(SessionId session);

// Says all of it over one connection, again and again, and connects anew where it is refused; the
// first message that comes back, or nothing.
std::optional<std::string> says(const std::vector<std::string>& all, const std::string& address,
                                const std::optional<CallerKeys>& keys);
std::optional<std::string> says_everything(const std::string& address,
                                           const std::optional<CallerKeys>& keys,
                                           SessionId session = {7, 7});

// The bytes that a coordinator said over one connection, for people: "greeting, WELCOME, ERROR 400,
// end". `closed`: then it ended the connection. What is no ZMTP is "N bytes".
std::string described(const std::string& bytes, bool closed);

// One TCP connection that knows nothing of ØMQ.
class RawConnection {
 public:
  explicit RawConnection(const std::string& address);  // tcp://A.B.C.D:PORT; throws
  void say(const std::string& bytes);
  // What comes until the other side closes or `patience` is over.
  std::string hear(std::chrono::milliseconds patience = kStrangersPatience);
  bool closed() const { return closed_; }

 private:
  UniqueFd fd_;
  bool closed_ = false;
};

// Stands between a caller and a coordinator and writes down what both say, one connection after the
// other.
class Eavesdropper {
 public:
  explicit Eavesdropper(const std::string& address);
  ~Eavesdropper();
  std::string address() const;
  std::string heard() const;  // from the caller, over all connections; what a replay would send
  // What the coordinator said, as described(): over each connection, in one line where they are
  // alike.
  std::string answers() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep::e2e
