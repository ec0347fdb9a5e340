// What an Error said.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace sure::test {

/// The message of the Error that `act` throws; a test failure when it throws none.
template <class Act>
std::string message_of(Act&& act) {
  try {
    act();
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << "more than one line: " << message;
    return message;
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

}  // namespace sure::test
