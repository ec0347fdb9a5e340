// A world of two, whose processes are threads of the test.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>

#include "core/descriptor.h"
#include "core/world.h"

namespace sure::test {

inline uint16_t free_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(socket.value(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket.value(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

/// Two ranks, each on a thread, that meet on this machine.
template <class Work>
void in_two_processes(Work&& work) {
  const uint16_t port = free_port();
  const auto run = [&](int64_t rank) {
    WorldAddress address;
    address.rank = rank;
    address.size = 2;
    address.port = port;
    work(*join_world(address));
  };
  std::future<void> other = std::async(std::launch::async, run, 1);
  run(0);
  other.get();
}

}  // namespace sure::test
