#include "http/fast/channel.hpp"

#include "http/fast/connection.hpp"
#include "http/fast/http2/stream.hpp"

namespace katydid {

void Channel::hand_to(ConnectionUser& user) const { stream_ ? stream_->hand_to(user) : connection_->hand_to(user); }
void Channel::hold(bool held) const { stream_ ? stream_->hold(held) : connection_->hold(held); }
void Channel::finish() const { stream_ ? stream_->finish() : connection_->finish(); }
void Channel::give_up() const { stream_ ? stream_->give_up() : connection_->give_up(); }

}  // namespace katydid
