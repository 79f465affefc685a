// SPDX-License-Identifier: GPL-3.0-or-later

/// Fields of forms, each with its label.
enum FormField {
    /// A field to type in.
    static func input(
        _ name: String, _ label: String, type: String = "text", value: String = "", hint: String = "",
        extra: HTML = ""
    ) -> HTML {
        let note: HTML = hint.isEmpty ? "" : "<p class=\"hint\" id=\"\(name)-hint\">\(hint)</p>"
        let described: HTML = hint.isEmpty ? "" : " aria-describedby=\"\(name)-hint\""
        return """
            <div class="field"><label for="\(name)">\(label)</label>\(note)\
            <input id="\(name)" name="\(name)" type="\(type)" value="\(value)" autocomplete="off"\(described)\(extra)></div>

            """
    }

    /// One of several; the first is none of them.
    static func select(
        _ name: String, _ label: String, _ choices: [(value: String, text: String)], value: String = ""
    ) -> HTML {
        let options = choices.map { choice -> HTML in
            let mark: HTML = choice.value == value ? " selected" : ""
            return "<option value=\"\(choice.value)\"\(mark)>\(choice.text)</option>"
        }
        return """
            <div class="field"><label for="\(name)">\(label)</label><select id="\(name)" name="\(name)">\(options)</select></div>

            """
    }

    /// A form of one button.
    static func button(_ path: String, _ text: String, fields: [(String, String)] = [], kind: String = "") -> HTML {
        let hidden = fields.map { field -> HTML in "<input type=\"hidden\" name=\"\(field.0)\" value=\"\(field.1)\">" }
        return "<form method=\"post\" action=\"\(path)\">\(hidden)<button class=\"\(kind)\">\(text)</button></form>\n"
    }
}
