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
        // What is stored or deflated is taken as it is packed: ISA-L unpacks and checks it faster than libzip.
        guard unsafe zip_stat_index(handle, UInt64(index), 0, &status) == 0,
            let file = unsafe zip_fopen_index(handle, UInt64(index), Self.isPlain(status) ? ZIP_FL_COMPRESSED : 0)
        else {
            let code = unsafe zip_error_code_zip(zip_get_error(handle))
            throw RecordingError(
                code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_COMPNOTSUPP
                    ? .unsupported : .damaged,
                path: path, place: name, problem: "cannot be read from its zip archive (libzip \(code))",
                remedy: "download the recording from the sensor once more")
        }
        return unsafe ZipEntry(self, name: name, status, file)
    }

    /// Whether an entry is stored or deflated, and not encrypted.
    fileprivate static func isPlain(_ status: zip_stat_t) -> Bool {
        unsafe (status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE)
            && status.encryption_method == ZIP_EM_NONE
    }

    /// What an entry of a new archive is made of.
    enum Content {
        case bytes([UInt8])
        /// A file, packed as it is read.
        case file(String)
    }

    /// Writes a new archive.
    static func write(_ entries: [(name: String, content: Content)], to path: String) throws(RecordingError) {
        var code: Int32 = 0
        guard let handle = unsafe zip_open(path, ZIP_CREATE | ZIP_EXCL, &code) else {
            throw RecordingError(
                .inputOutput, path: path, problem: "cannot be created (libzip \(code))", remedy: "choose another folder"
            )
        }
        // libzip packs when it closes: what it reads must live until then.
        var copies: [UnsafeMutableBufferPointer<UInt8>] = unsafe []
        defer { unsafe copies.forEach { unsafe $0.deallocate() } }
        for entry in entries {
            let source: OpaquePointer?
            switch entry.content {
            case .bytes(let bytes):
                let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
                _ = unsafe copy.initialize(from: bytes)
                unsafe copies.append(copy)
                unsafe source = zip_source_buffer(handle, copy.baseAddress, UInt64(bytes.count), 0)
            case .file(let file): unsafe source = zip_source_file(handle, file, 0, -1)
            }
            guard unsafe source != nil, unsafe zip_file_add(handle, entry.name, source, ZIP_FL_ENC_UTF_8) >= 0 else {
                unsafe zip_discard(handle)
                throw RecordingError(.inputOutput, path: path, problem: "cannot take \(entry.name)", remedy: "")
            }
        }
        guard unsafe zip_close(handle) == 0 else {
            let code = unsafe zip_error_code_zip(zip_get_error(handle))
            unsafe zip_discard(handle)
            throw RecordingError(
                .inputOutput, path: path, problem: "cannot be written (libzip \(code))",
                remedy: "free some space; nothing was changed")
        }
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
    /// Unpacks what libzip hands out as it is packed; nil where libzip unpacks, or nothing is packed.
    private var inflater: Inflater?
    private var input: [UInt8] = []
    private var waiting = 0..<0
    /// The checksum in the archive, and that of the bytes handed out; nil where libzip checks.
    private let checksum: UInt32?
    private var sum: UInt32 = 0

    fileprivate init(_ archive: ZipArchive, name: String, _ status: zip_stat_t, _ handle: OpaquePointer) {
        self.archive = archive
        self.name = name
        unsafe size = Int(clamping: status.size)
        unsafe self.handle = handle
        unsafe checksum = ZipArchive.isPlain(status) ? status.crc : nil
        if unsafe ZipArchive.isPlain(status), unsafe status.comp_method == ZIP_CM_DEFLATE {
            inflater = Inflater()
            input = [UInt8](repeating: 0, count: 64 << 10)
        }
    }

    deinit { unsafe zip_fclose(handle) }

    /// Fills `buffer` from `start` on, and says how many bytes came: fewer than asked only at the end, or at a ``failure``.
    func read(into buffer: inout [UInt8], from start: Int = 0) -> Int {
        var filled = start
        while filled < buffer.count, failure == nil, !isAtEnd {
            if inflater != nil {
                filled += unpack(into: &buffer, from: filled)
            } else {
                let count = take(into: &buffer, from: filled)
                if count <= 0 { isAtEnd = true }
                filled += max(0, count)
            }
        }
        if checksum != nil { sum = Inflater.crc(sum, buffer, start..<filled) }
        offset += filled - start
        if isAtEnd, failure == nil, let checksum, sum != checksum { failure = ZIP_ER_CRC }
        return filled - start
    }

    private var isAtEnd = false

    private func unpack(into buffer: inout [UInt8], from start: Int) -> Int {
        if waiting.isEmpty {
            let count = take(into: &input, from: 0)
            if failure != nil { return 0 }
            waiting = 0..<max(0, count)
        }
        // Without any input left there may still be output that did not fit before.
        let isLast = waiting.isEmpty
        guard let (used, made) = inflater?.unpack(input, waiting, into: &buffer, from: start) else { return 0 }
        waiting = waiting.lowerBound + used..<waiting.upperBound
        if inflater?.isBroken ?? true {
            failure = ZIP_ER_ZLIB
        } else if inflater?.isAtEnd ?? true {
            isAtEnd = true
        } else if used == 0, made == 0 {
            failure = isLast ? ZIP_ER_EOF : ZIP_ER_INTERNAL
        }
        return made
    }

    /// The next bytes as libzip hands them out; 0 at the end.
    private func take(into buffer: inout [UInt8], from start: Int) -> Int {
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe zip_fread(handle, bytes.baseAddress.map { unsafe $0 + start }, UInt64(bytes.count - start))
        }
        if count < 0 { failure = unsafe zip_error_code_zip(zip_file_get_error(handle)) }
        return Int(count)
    }
}
