// SPDX-License-Identifier: GPL-3.0-or-later
internal import CZip

/// A zip archive that is read; libzip's only user.
///
/// A class because it owns libzip's handle, which its entries use. Not shared between threads.
@safe final class ZipArchive {
    let path: String
    private let handle: OpaquePointer
    /// The archive's bytes where it is not a file; libzip reads them in place.
    private let bytes: UnsafeMutableBufferPointer<UInt8>?

    /// Opens the archive in a file.
    init(path: String) throws(RecordingError) {
        var code: Int32 = 0
        guard let handle = unsafe zip_open(path, ZIP_RDONLY, &code) else {
            throw Self.failure(path, code)
        }
        self.path = path
        unsafe self.handle = handle
        unsafe bytes = nil
    }

    /// Opens an archive in memory.
    init(bytes: [UInt8], path: String) throws(RecordingError) {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe copy.initialize(from: bytes)
        var error = unsafe zip_error_t()
        unsafe zip_error_init(&error)
        defer { unsafe zip_error_fini(&error) }
        guard let source = unsafe zip_source_buffer_create(copy.baseAddress, UInt64(bytes.count), 0, &error) else {
            unsafe copy.deallocate()
            throw Self.failure(path, unsafe error.zip_err)
        }
        guard let handle = unsafe zip_open_from_source(source, ZIP_RDONLY, &error) else {
            unsafe zip_source_free(source)
            unsafe copy.deallocate()
            throw Self.failure(path, unsafe error.zip_err)
        }
        self.path = path
        unsafe self.handle = handle
        unsafe self.bytes = copy
    }

    deinit {
        unsafe zip_discard(handle)
        unsafe bytes?.deallocate()
    }

    /// Begins to read an entry; nil if there is none of that name.
    func entry(_ name: String) throws(RecordingError) -> ZipEntry? {
        let index = unsafe zip_name_locate(handle, name, ZIP_FL_NOCASE)
        guard index >= 0 else { return nil }
        var status = unsafe zip_stat_t()
        unsafe zip_stat_init(&status)
        guard unsafe zip_stat_index(handle, UInt64(index), 0, &status) == 0,
            let file = unsafe zip_fopen_index(handle, UInt64(index), 0)
        else {
            let code = unsafe zip_error_code_zip(zip_get_error(handle))
            throw RecordingError(
                code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_COMPNOTSUPP
                    ? .unsupported : .damaged,
                path: path, place: name, problem: "cannot be read from its zip archive (libzip \(code))",
                remedy: "download the recording from the sensor once more")
        }
        return unsafe ZipEntry(self, name: name, size: Int(clamping: status.size), file)
    }

    private static func failure(_ path: String, _ code: Int32) -> RecordingError {
        switch code {
        case ZIP_ER_NOZIP, ZIP_ER_INCONS:
            RecordingError(
                .damaged, path: path, problem: "is a zip archive without its end (libzip \(code)): the file was cut",
                remedy: "copy it from its source once more")
        default:
            RecordingError(
                .inputOutput, path: path, problem: "cannot be opened as a zip archive (libzip \(code))",
                remedy: "copy it from its source once more")
        }
    }
}

/// One file in a zip archive, unpacked as it is read, in bounded memory.
@safe final class ZipEntry {
    let archive: ZipArchive
    let name: String
    /// The unpacked size that the archive gives.
    let size: Int
    /// The bytes handed out.
    private(set) var offset = 0
    /// What stopped the reading before the end: a libzip error, a checksum among them.
    private(set) var failure: Int32?
    private let handle: OpaquePointer

    fileprivate init(_ archive: ZipArchive, name: String, size: Int, _ handle: OpaquePointer) {
        self.archive = archive
        self.name = name
        self.size = size
        unsafe self.handle = handle
    }

    deinit { unsafe zip_fclose(handle) }

    /// Fills `buffer` from `start` on, and says how many bytes came: fewer than asked only at the end, or at a ``failure``.
    func read(into buffer: inout [UInt8], from start: Int = 0) -> Int {
        var filled = start
        while filled < buffer.count, failure == nil {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe zip_fread(handle, bytes.baseAddress.map { unsafe $0 + filled }, UInt64(bytes.count - filled))
            }
            if count < 0 { failure = unsafe zip_error_code_zip(zip_file_get_error(handle)) }
            if count <= 0 { break }
            filled += Int(count)
        }
        offset += filled - start
        return filled - start
    }
}
