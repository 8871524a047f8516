// What the two files of vector handlers share.
#pragma once

#include <array>
#include <tuple>

#include "interp/code.hpp"
#include "interp/semantics_simd.hpp"

namespace waxwing::interp {

using SimdVariants = std::array<Handler, simd_variant_count>;

// The argument types of VecSem<op>::eval.
template <class F>
struct ArgsOf;
template <class R, class... A>
struct ArgsOf<R (*)(A...)> {
    template <usize i>
    using At = std::remove_reference_t<decltype(std::get<i>(std::declval<std::tuple<A...>&>()))>;
    static constexpr usize count = sizeof...(A);
};
template <Opcode op>
using VecArgs = ArgsOf<std::decay_t<decltype(VecSem<op>::eval)>>;
template <Opcode op>
using FirstArg = typename VecArgs<op>::template At<0>;
template <Opcode op>
using LastArg = typename VecArgs<op>::template At<VecArgs<op>::count - 1>;

Handler simd_memory_handler(Opcode op, SimdVariant variant);

}  // namespace waxwing::interp
