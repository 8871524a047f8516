// A valid module does the same whether handlers tail-call each other or a loop
// calls them, and whether garbage is collected now and then or all the time.
#include <string>

#include "target.hpp"

// The second one is the whole library again, with dispatch by a loop and its
// namespace renamed. Where that is not built, both names mean the first.
namespace waxwing {
std::string transcript_of(std::span<const std::byte> module, bool collect_always);
}
namespace waxwing_twin {
std::string transcript_of(std::span<const std::byte> module, bool collect_always);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto module = waxwing::fuzz::bytes_of(data, size);
    const std::string tail = waxwing::transcript_of(module, false);
    const std::string loop = waxwing_twin::transcript_of(module, true);
    waxwing::fuzz::insist(tail == loop, "the transcripts are the same",
                          tail + "---- the loop:\n" + loop);
    return 0;
}
