// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

@testable import nattro

extension JSONValue {
    /// The value that a JSON text holds; members are sorted by name.
    init(parsing text: String) throws {
        self = try JSONDecoder().decode(ParsedValue.self, from: Data(text.utf8)).value
    }

    /// The value of a member; nil where this is no object or has no such member.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The names of an object's members; empty for anything else.
    var names: Set<String> {
        guard case .object(let members) = self else { return [] }
        return Set(members.map(\.name))
    }

    /// The elements of an array; empty for anything else.
    var elements: [JSONValue] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    /// The number, whole or not; nil for anything else.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// A JSON value as a decoder gives it.
private struct ParsedValue: Decodable {
    var value: JSONValue

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Name.self) {
            value = .object(
                try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                    JSONValue.Member($0.stringValue, try container.decode(ParsedValue.self, forKey: $0).value)
                })
        } else if var container = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !container.isAtEnd { values.append(try container.decode(ParsedValue.self).value) }
            value = .array(values)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                value = .null
            } else if let bool = try? container.decode(Bool.self) {
                value = .bool(bool)
            } else if let integer = try? container.decode(Int.self) {
                value = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                value = .number(number)
            } else {
                value = .string(try container.decode(String.self))
            }
        }
    }
}
