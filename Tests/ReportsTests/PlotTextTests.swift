// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Reports

@Suite struct PlotTextTests {
    @Test func whateverIsTypedIsShownAsText() {
        #expect(
            PlotText.escaped("<script>alert('x')</script> & \"more\"")
                == "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;")
        #expect(PlotText.escaped("a\u{0}b\u{1B}c\u{FFFE}d\n") == "abcd\n")
    }
}
