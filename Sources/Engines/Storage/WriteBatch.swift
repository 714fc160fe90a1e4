// Puts and deletes that become visible in one step, under one sequence.
//
// Encoded as it is built, one run of bytes, so that a batch costs no allocation once warm and can
// be copied into a log record as it is. On disk (in log records), never change:
//   operation := kind u8 (0 delete, 1 put) · key length varint · key · [length varint · value]

internal import Bytes

/// Operations that are applied together. Of two on one key, the later one counts.
package struct WriteBatch: ~Copyable {
    private var buffer: ByteBuffer
    /// Operations in the batch.
    package private(set) var count = 0

    /// - Parameter capacity: bytes to reserve.
    package init(capacity: Int = 256) { self.buffer = ByteBuffer(capacity: capacity) }

    /// A batch from its encoded form; nil when that is not one.
    package init?(decoding bytes: RawSpan) {
        self.buffer = ByteBuffer(capacity: bytes.byteCount)
        var reader = BatchReader(bytes)
        var count = 0
        while reader.next() {
            guard StorageLimits.accepts(key: reader.key, value: reader.value) else { return nil }
            count += 1
        }
        guard reader.isAtEnd else { return nil }
        self.buffer.append(bytes)
        self.count = count
    }

    /// The encoded form.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get { buffer.bytes }
    }

    package var isEmpty: Bool { count == 0 }

    /// Forgets all operations, keeps the storage.
    package mutating func clear() {
        buffer.clear()
        count = 0
    }

    /// Sets `key` to `value`; both are copied.
    ///
    /// - Throws: `keyLength`, `valueLength`; the batch is then unchanged.
    package mutating func put(_ key: RawSpan, _ value: RawSpan) throws(StorageError) {
        try check(key)
        guard value.byteCount <= StorageLimits.valueBytesMax else {
            throw .valueLength(value.byteCount)
        }
        buffer.append(1)
        buffer.appendLengthPrefixed(key)
        buffer.appendLengthPrefixed(value)
        count += 1
    }

    /// Deletes `key`, whether it is there or not.
    ///
    /// - Throws: `keyLength`; the batch is then unchanged.
    package mutating func delete(_ key: RawSpan) throws(StorageError) {
        try check(key)
        buffer.append(0)
        buffer.appendLengthPrefixed(key)
        count += 1
    }

    private func check(_ key: RawSpan) throws(StorageError) {
        guard (1...StorageLimits.keyBytesMax).contains(key.byteCount) else {
            throw .keyLength(key.byteCount)
        }
    }
}

/// Walks the operations of an encoded batch.
package struct BatchReader: ~Escapable {
    private var reader: ByteReader
    /// Key of the operation, empty before the first.
    package private(set) var key: RawSpan
    private var valueBytes: RawSpan
    private var isPut = false

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) {
        self.reader = ByteReader(bytes)
        self.key = bytes.extracting(first: 0)
        self.valueBytes = bytes.extracting(first: 0)
    }

    /// nil for a delete.
    package var value: RawSpan? {
        @_lifetime(copy self)
        get { isPut ? valueBytes : nil }
    }

    /// Whether all bytes were understood.
    package var isAtEnd: Bool { reader.isAtEnd }

    /// Goes to the next operation; false at the end or at bytes that are none.
    @_lifetime(self: copy self)
    package mutating func next() -> Bool {
        var ahead = reader
        guard let kind = ahead.byte(), kind <= 1, let key = ahead.lengthPrefixed() else {
            return false
        }
        self.key = key
        isPut = false
        if kind == 1 {
            guard let value = ahead.lengthPrefixed() else { return false }
            valueBytes = value
            isPut = true
        }
        reader = ahead
        return true
    }
}

extension StorageLimits {
    static func accepts(key: RawSpan, value: RawSpan?) -> Bool {
        guard key.byteCount >= 1, key.byteCount <= keyBytesMax else { return false }
        return (value?.byteCount ?? 0) <= valueBytesMax
    }
}
