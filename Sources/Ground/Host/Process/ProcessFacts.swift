// What the system knows about this process.

internal import Glibc

/// Facts of this process and machine; each is a system call or more, none for a hot path.
package enum ProcessFacts {
    /// Cores that this process may use.
    package static var cores: Int {
        var set = cpu_set_t()
        // SAFETY: the kernel fills at most the size of the set.
        let size = MemoryLayout<cpu_set_t>.size
        guard unsafe sched_getaffinity(0, size, &set) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        let count = unsafe withUnsafeBytes(of: set) { bytes in
            unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount }
        }
        return max(1, count)
    }

    /// Resident memory in bytes, 0 when /proc does not tell.
    package static var residentBytes: Int {
        let pages = text("/proc/self/statm").split(separator: " ").dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Open descriptors, 0 when /proc does not tell.
    package static var openDescriptors: Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        return max(0, count - 3)  // ".", ".." and the one that reads them
    }

    /// The most descriptors that this process may open.
    package static var descriptorsMax: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 0
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises that number as far as the system lets us, and answers it. The usual 1,024 is for
    /// programs that use `select`; idle connections must not take the descriptors that files need.
    package static func raiseDescriptorsMax() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(kind, &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        // Refused: what is there stays.
        unsafe _ = setrlimit(kind, &limit)
        return descriptorsMax
    }

    /// CPU time of all threads so far, in nanoseconds.
    package static var cpuNanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    package static var identifier: Int32 { getpid() }

    private static func text(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
            count = unsafe max(0, Glibc.read(descriptor, buffer.baseAddress, 4_096))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
