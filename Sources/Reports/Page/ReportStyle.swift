// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Recordings

/// How pictures and reports look: one style sheet, light and dark, on a screen and on A4.
///
/// The colours are those of Okabe and Ito (2008), which people with any colour vision can tell apart.
public enum ReportStyle {
    /// The look of pictures, for any page that shows them.
    public static let pictures = """
        :root{--paper:#fff;--ink:#1d2530;--soft:#5a6573;--line:#c9d0d8;--faint:#e8ecf0;--ground:#f6f8fa;\
        --without:#0072b2;--with:#d55e00;--other:#5a6573;--without-ground:#eef5fa;--with-ground:#fdf3ec;\
        --plm:#d55e00;--clm:#e69f00;--lm:#8a95a1;--special:#009e73;--artefact:#cc79a7;--series:#0072b2;\
        --dose:#009e73;--band:#fbf3d9;--bar:#0072b2;--bar-weak:#9cc7e0;--rest:#f1f5f9;--asleep:#56b4e9;--awake:#c9d0d8;\
        --nonwear:#e3d5e0;--axis-x:#0072b2;--axis-y:#009e73;--axis-z:#cc79a7;\
        --heat0:#eef2f6;--heat1:#cfe1f2;--heat2:#93c3e4;--heat3:#4b97cc;--heat4:#1f6cb0;--heat5:#08306b}
        @media (prefers-color-scheme:dark){:root{--paper:#14191f;--ink:#e6ebf0;--soft:#a3afbb;--line:#46515d;--faint:#2a323b;\
        --ground:#1b2229;--without:#56b4e9;--with:#e69f00;--other:#a3afbb;--without-ground:#172530;--with-ground:#2b2416;\
        --plm:#ff8a3c;--clm:#f0e442;--lm:#7d8894;--special:#2ec99a;--artefact:#e29ac3;--series:#56b4e9;--dose:#2ec99a;\
        --band:#2e2a18;--bar:#56b4e9;--bar-weak:#2b5a78;--rest:#1c242d;--asleep:#3f8fc0;--awake:#46515d;--nonwear:#43303e;\
        --axis-x:#56b4e9;--axis-y:#2ec99a;--axis-z:#e29ac3;\
        --heat0:#1f2831;--heat1:#17405f;--heat2:#1f6496;--heat3:#3a93cf;--heat4:#7fc4f0;--heat5:#d9f0ff}}
        @media print{:root{--paper:#fff;--ink:#111;--soft:#4a545f;--line:#b9c1ca;--faint:#e3e7eb;--ground:#f6f8fa;\
        --without:#0072b2;--with:#d55e00;--other:#5a6573;--without-ground:#eef5fa;--with-ground:#fdf3ec;\
        --plm:#d55e00;--clm:#e69f00;--lm:#8a95a1;--special:#009e73;--artefact:#cc79a7;--series:#0072b2;\
        --dose:#009e73;--band:#fbf3d9;--bar:#0072b2;--bar-weak:#9cc7e0;--rest:#f1f5f9;--asleep:#56b4e9;--awake:#c9d0d8;\
        --nonwear:#e3d5e0;--axis-x:#0072b2;--axis-y:#009e73;--axis-z:#cc79a7;\
        --heat0:#eef2f6;--heat1:#cfe1f2;--heat2:#93c3e4;--heat3:#4b97cc;--heat4:#1f6cb0;--heat5:#08306b}}
        svg{display:block;width:100%;height:auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        svg text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
        svg .middle{text-anchor:middle}svg .end{text-anchor:end}
        svg .label,svg .legend{fill:var(--ink)}svg .strong{font-weight:600}
        svg .small-label{font-size:11px}svg .axis-title{font-size:12px}
        svg .grid{stroke:var(--faint)}svg .axis{stroke:var(--line)}svg .unknown{stroke:var(--soft);stroke-width:1.5}
        svg .without{fill:var(--without);stroke:var(--paper)}svg .with{fill:var(--with);stroke:var(--paper)}
        svg .other{fill:var(--other)}svg .hollow{fill:var(--paper);stroke-width:1.5}
        svg .without.hollow{stroke:var(--without)}svg .with.hollow{stroke:var(--with)}svg .other.hollow{stroke:var(--other)}
        svg .without-ground{fill:var(--without-ground)}svg .with-ground{fill:var(--with-ground)}
        svg .mean{stroke:var(--ink);stroke-width:3;stroke-linecap:round}
        svg .fit{fill:none;stroke:var(--series);stroke-width:2}svg .dose{fill:var(--dose)}svg .band{fill:var(--band)}
        svg .bar{fill:var(--bar)}svg .bar.weak{fill:var(--bar-weak)}
        svg .reference{stroke:var(--ink);stroke-width:1.2}svg .reference.weak{stroke:var(--soft);stroke-dasharray:4 3}
        svg .interval{stroke:var(--series);stroke-width:1.6;fill:none}svg .interval.main{stroke-width:3}
        svg .estimate{fill:var(--series);stroke:var(--paper)}svg .estimate.main{fill:var(--with)}
        svg .step{fill:none;stroke-width:2}svg .with-line{stroke:var(--with)}svg .without-line{stroke:var(--without)}
        svg .series-line{fill:none;stroke:var(--series);stroke-width:1.6}
        svg .rest{fill:var(--rest)}svg .series{fill:var(--series)}svg .asleep{fill:var(--asleep)}svg .awake{fill:var(--awake)}
        svg .plm{fill:var(--plm)}svg .clm{fill:var(--clm)}svg .lm{fill:var(--lm)}svg .special,svg path.other{fill:var(--special)}
        svg rect.other{fill:var(--special)}svg .artefact{fill:var(--artefact)}svg .nonwear{fill:var(--nonwear)}
        svg .envelope{fill-opacity:.75}svg .axis-x{fill:var(--axis-x)}svg .axis-y{fill:var(--axis-y)}svg .axis-z{fill:var(--axis-z)}
        svg .hatch-ground{fill:var(--ground)}svg .hatch{stroke:var(--soft);stroke-width:1.4}
        svg .heat0{fill:var(--heat0)}svg .heat1{fill:var(--heat1)}svg .heat2{fill:var(--heat2)}svg .heat3{fill:var(--heat3)}\
        svg .heat4{fill:var(--heat4)}svg .heat5{fill:var(--heat5)}

        """

    /// The look of a report's page around them.
    static let page = """
        *{box-sizing:border-box}
        html{color-scheme:light dark;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,\
        "DejaVu Sans",sans-serif}
        main{max-width:56rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
        header.top{border-bottom:1px solid var(--line);margin-bottom:1.75rem;padding-bottom:.75rem}
        h1{font-size:1.15rem;font-weight:600;margin:0}
        .sub{color:var(--soft);font-size:.9rem;margin:.15rem 0 0}
        .headline{font-size:1.65rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;margin:.25rem 0 1rem;max-width:52rem;text-wrap:balance}
        h2{font-size:1.2rem;font-weight:600;margin:2.5rem 0 .5rem}
        h2.picture{font-size:1rem;font-weight:600;margin:0 0 .5rem}
        p,li{max-width:44rem}p{margin:.5rem 0}ul{margin:.5rem 0;padding-left:1.25rem}li{margin:.25rem 0}
        figure{margin:1.75rem 0;break-inside:avoid}
        figcaption{color:var(--soft);font-size:.88rem;max-width:46rem;margin-top:.5rem}
        .scroll{overflow-x:auto}.scroll>svg{min-width:34rem}
        details{margin:.5rem 0 0;font-size:.88rem}summary{cursor:pointer;color:var(--soft)}
        summary:focus-visible{outline:2px solid var(--without);outline-offset:3px}
        table{border-collapse:collapse;font-size:.88rem;margin:.75rem 0;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--soft);padding-bottom:.35rem}
        th,td{text-align:left;padding:.28rem 1.1rem .28rem 0;border-bottom:1px solid var(--faint);vertical-align:top}
        th{font-weight:600;border-bottom-color:var(--line)}th.n,td.n{text-align:right}
        td:last-child,th:last-child{padding-right:0}
        .notice{border-left:4px solid var(--clm);background:var(--ground);padding:.7rem 1rem;margin:.75rem 0;max-width:46rem}
        .notice.urgent,.notice.important{border-left-color:var(--with)}
        .small,footer{color:var(--soft);font-size:.85rem}
        .hash{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.8rem;overflow-wrap:anywhere}
        footer{border-top:1px solid var(--line);margin-top:3rem;padding-top:.75rem}
        section.page+section.page{border-top:1px solid var(--line);margin-top:3.5rem;padding-top:1rem}
        @media (max-width:40rem){main{padding:1.25rem 1rem 3rem}.headline{font-size:1.35rem}}
        @page{size:A4;margin:16mm 15mm 18mm}
        @media print{html{color-scheme:light}body{font-size:10.5pt;line-height:1.45;background:#fff}\
        main{max-width:none;padding:0}section.page+section.page{break-before:page;border:0;margin:0;padding:0}\
        .headline{font-size:17pt}h2{break-after:avoid;margin-top:1.4rem}h2.picture{margin-top:0}\
        details{display:none}.scroll{overflow:visible}.scroll>svg{min-width:0}figure{margin:1rem 0}\
        table{font-size:8.8pt}tr{break-inside:avoid}.notice{break-inside:avoid}svg *{print-color-adjust:exact}\
        .notice{print-color-adjust:exact}}

        """

    /// The style sheet of a report: the text between its `style` tags, to the byte.
    public static let sheet = pictures + page

    /// The source expression by which a content security policy lets this style sheet in, and no other.
    public static let policySource = source(of: sheet)

    /// The source expression of a text: its SHA-256 in base64.
    static func source(of text: String) -> String {
        let digits = Array(SHA256.digest(of: text).utf8)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
        }
        return "'sha256-\(Data(bytes).base64EncodedString())'"
    }
}
