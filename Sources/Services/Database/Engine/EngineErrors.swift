// The errors of the engines below, as the port says them. The one place where they are mapped.

import Host
import Journal
import Platform
import Storage

extension DatabaseError {
    /// A store's error as the port's.
    package init(_ error: StorageError) {
        switch error {
        case .corrupt(let path, let offset, let reason):
            self = .corrupt("\(path) at byte \(offset): \(reason)")
        case .unknownFormat(let path, let version):
            self = .corrupt("\(path) has format \(version), which is newer than this program")
        case .manifestMissing(let folder): self = .corrupt("\(folder) has lost its manifest")
        case .setMissing(let path): self = .corrupt("\(path) is missing")
        case .file(let error): self = DatabaseError(error)
        case .keyLength(let bytes):
            self = .tooLarge(what: "key", bytes: bytes, limit: StorageLimits.keyBytesMax)
        case .valueLength(let bytes):
            self = .tooLarge(what: "row", bytes: bytes, limit: StorageLimits.valueBytesMax)
        }
    }

    /// The commit log's error as the port's.
    package init(_ error: JournalError) {
        switch error {
        case .corrupt(let file, let offset): self = .corrupt("\(file) at byte \(offset)")
        case .beginningMissing(let folder, let needed, let first):
            let begin = first.map { "begins at record \($0.rawValue)" } ?? "has no segment"
            self = .corrupt(
                "\(folder) \(begin), but must have all from record \(needed.rawValue) on: "
                    + "its oldest files were removed or emptied")
        case .foreign(let file): self = .corrupt("\(file) is of another data folder")
        case .unsupportedVersion(let file, let version):
            self = .corrupt("\(file) has version \(version), which is newer than this program")
        case .locked(let folder): self = .failed("\(folder) is open in another process")
        case .full: self = .overloaded("too much waits for the disk")
        case .diskFull: self = .full("the disk of the data folder is full")
        case .failed(let error):
            self = .readOnly("the disk failed, writes have stopped: \(error)")
        case .tooLarge(let bytes, let max):
            self = .tooLarge(what: "log record", bytes: bytes, limit: max)
        case .trimmed: self = .trimmed
        case .closed: self = .closed
        case .file(let error): self = DatabaseError(error)
        }
    }

    /// A file's error as the port's.
    package init(_ error: FileError) {
        switch error {
        case .full(let path): self = .full(path)
        case .syncFailed(let path, let code):
            self = .readOnly("sync of \(path): \(systemErrorText(code))")
        case .notFound(let path): self = .failed("\(path) is not there")
        case .alreadyExists(let path): self = .failed("\(path) is there already")
        case .endOfFile(let path, let offset): self = .corrupt("\(path) ends before \(offset)")
        case .failed(let path, let operation, let code):
            self = .failed("\(operation) of \(path): \(systemErrorText(code))")
        }
    }
}
