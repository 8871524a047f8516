// The beginning of a line: the offset of what stands on it, if asked for, and space.
#pragma once

#include <bit>

#include "print/output.hpp"

namespace waxwing::print {

class Lines {
public:
    // `size` is that of the module; zero: no offsets.
    Lines(Output& out, usize size)
        : out_(out), digits_((static_cast<unsigned>(std::bit_width(size)) + 3) / 4) {}

    Output& out() { return out_; }

    // The line of something at `offset` in the module.
    void begin(usize depth, u32 offset) {
        out_.line();
        if (digits_ != 0) {
            out_.put("(;0x");
            out_.hex_digits(offset, digits_);
            out_.put(";)");
        }
        out_.indent(depth);
    }
    // The line of something that has no offset of its own.
    void begin(usize depth) {
        out_.line();
        if (digits_ != 0) out_.spaces(digits_ + 6);
        out_.indent(depth);
    }

private:
    Output& out_;
    unsigned digits_;
};

}  // namespace waxwing::print
