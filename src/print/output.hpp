// A text being made, handed on in pieces so that it need not fit into memory.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "core/int.hpp"
#include "waxwing/text.hpp"

namespace waxwing::print {

class Output {
public:
    // Null: everything is kept. Otherwise `sink` must outlive this.
    explicit Output(const TextSink* sink = nullptr) : sink_(sink) {}

    void put(char c) { buffer_ += c; }
    void put(std::string_view text) { buffer_ += text; }
    void number(u64 value) { integer(value, 10); }
    void number(s64 value) { integer(value, 10); }
    void hex(u64 value) {
        put("0x");
        integer(value, 16);
    }
    // Hexadecimal with zeros in front, without 0x.
    void hex_digits(u64 value, unsigned digits) {
        for (unsigned shift = 4 * digits; shift != 0;) {
            shift -= 4;
            put("0123456789abcdef"[value >> shift & 15]);
        }
    }

    // Begins a line.
    void line() {
        if (sink_ && buffer_.size() >= piece) flush();
        put('\n');
        line_start_ = buffer_.size();
    }
    // Deep nesting is not shown by ever more space.
    void indent(usize depth) {
        constexpr usize deepest = 40;
        spaces(2 * (depth < deepest ? depth : deepest));
    }
    void spaces(usize count) { buffer_.append(count, ' '); }
    // Bytes on the current line.
    usize column() const { return buffer_.size() - line_start_; }

    std::string_view view() const { return buffer_; }
    usize size() const { return buffer_.size(); }
    void clear() {
        buffer_.clear();
        line_start_ = 0;
    }

    // Hands on what there is. Requires a sink.
    void flush() {
        if (!stopped_ && !buffer_.empty()) stopped_ = !(*sink_)(buffer_);
        clear();
    }
    // The sink wants no more.
    bool stopped() const { return stopped_; }

private:
    static constexpr usize piece = 1 << 16;

    template <class T>
    void integer(T value, int base) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
        buffer_.append(digits, static_cast<usize>(end - digits));
    }

    std::string buffer_;
    usize line_start_ = 0;
    const TextSink* sink_;
    bool stopped_ = false;
};

}  // namespace waxwing::print
