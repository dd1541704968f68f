// Whether AddressSanitizer or ThreadSanitizer watches this program. Both keep what was freed and
// marks of their own in memory, and make code several times slower.
#pragma once

namespace firesweep::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // GCC
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)  // Clang
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace firesweep::testing
