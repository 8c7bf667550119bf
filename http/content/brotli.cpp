#include "http/content/brotli.hpp"

#ifdef KATYDID_HAS_BROTLI

#include <brotli/decode.h>

#include <cstdint>
#include <new>

namespace katydid {
namespace {

struct DestroyDecoder {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

class Brotli final : public Codec {
 public:
  Brotli() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc();
  }

  Step step(std::string_view& in, std::span<char> out, std::size_t& written) override {
    written = 0;
    if (BrotliDecoderIsFinished(state_.get())) {
      in = {};
      return Step::end;
    }
    if (!in.empty()) began_ = true;
    auto left = in.size(), room = out.size();
    const auto* from = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    const auto result = BrotliDecoderDecompressStream(state_.get(), &left, &from, &room, &to, nullptr);
    in.remove_prefix(in.size() - left);
    written = out.size() - room;
    if (result == BROTLI_DECODER_RESULT_ERROR) return Step::failed;
    return result == BROTLI_DECODER_RESULT_SUCCESS ? Step::end : Step::more;
  }

  bool may_end_here() const override { return !began_ || BrotliDecoderIsFinished(state_.get()); }
  std::string error() const override { return BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state_.get())); }
  const char* name() const override { return "br"; }

 private:
  std::unique_ptr<BrotliDecoderState, DestroyDecoder> state_;
  bool began_ = false;
};

}  // namespace

bool has_brotli() { return true; }
std::unique_ptr<Codec> make_brotli() { return std::make_unique<Brotli>(); }

}  // namespace katydid

#else

namespace katydid {

bool has_brotli() { return false; }
std::unique_ptr<Codec> make_brotli() { return nullptr; }

}  // namespace katydid

#endif
