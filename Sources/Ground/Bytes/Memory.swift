// The two C functions that this room needs, without the rest of the C library.

@_silgen_name("memchr")
func memchr(_ bytes: UnsafeRawPointer, _ byte: Int32, _ count: Int) -> UnsafeMutableRawPointer?

@_silgen_name("memcmp")
func memcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int32
