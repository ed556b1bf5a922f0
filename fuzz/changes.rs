//! Changes to an HL7 message, made by something that knows segments, fields, repetitions, components and the codes of
//! each table. Which part of a message changes, and how, follows from a few numbers: a property test draws and shrinks
//! them, a fuzzer makes them from its seed.

/// What is done to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A local segment that is not known, anywhere.
    LocalSegment,
    /// Field separators at the end of a segment.
    FieldSeparators,
    /// Component separators at the end of a repetition.
    ComponentSeparators,
    /// Subcomponent separators at the end of a component.
    SubcomponentSeparators,
    /// Blanks around an identifier, code, name, unit, number or time.
    Blanks,
    /// The patient's segment twice.
    DoubledPatient,
    /// Segments that end in CR, LF or both.
    LineEnds,
    /// Components behind the version (MSH-12).
    VersionComponents,
    /// Something wrong beside good ones: an allergy, a problem, an infection, an isolate, a line of a report.
    BadItem,
    /// Another code of the table of a field.
    OtherCode,
    /// A segment less.
    DroppedSegment,
    /// A segment twice.
    DoubledSegment,
    /// Two segments in each other's place.
    SwappedSegments,
    /// A field without its content.
    EmptiedField,
}

impl Kind {
    /// Changes that make no difference to what the message says.
    pub(crate) const NEUTRAL: [Self; 9] = [
        Self::LocalSegment,
        Self::FieldSeparators,
        Self::ComponentSeparators,
        Self::SubcomponentSeparators,
        Self::Blanks,
        Self::DoubledPatient,
        Self::LineEnds,
        Self::VersionComponents,
        Self::BadItem,
    ];
    /// Changes that make another message of it, which may be an odd one.
    pub(crate) const DISTURBING: [Self; 5] = [
        Self::OtherCode,
        Self::DroppedSegment,
        Self::DoubledSegment,
        Self::SwappedSegments,
        Self::EmptiedField,
    ];
}

/// One change: what is done, and numbers that choose where and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) numbers: [u16; 4],
}

/// A message in lines.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    lines: Vec<String>,
    line_end: &'static str,
}

/// Fields whose blanks mean nothing: segment, field, component (from 1).
const WORDS: [(&str, usize, usize); 86] = [
    ("MSH", 3, 1),
    ("MSH", 4, 1),
    ("MSH", 7, 1),
    ("MSH", 8, 1),
    ("MSH", 9, 1),
    ("MSH", 9, 2),
    ("MSH", 12, 1),
    ("EVN", 2, 1),
    ("EVN", 4, 1),
    ("EVN", 6, 1),
    ("PID", 3, 1),
    ("PID", 5, 1),
    ("PID", 5, 2),
    ("PID", 5, 3),
    ("PID", 5, 5),
    ("PID", 7, 1),
    ("PID", 8, 1),
    ("PID", 11, 5),
    ("PID", 17, 1),
    ("PID", 18, 1),
    ("PID", 22, 1),
    ("PID", 29, 1),
    ("PID", 30, 1),
    ("PV1", 2, 1),
    ("PV1", 3, 1),
    ("PV1", 3, 2),
    ("PV1", 3, 3),
    ("PV1", 6, 1),
    ("PV1", 6, 2),
    ("PV1", 6, 3),
    ("PV1", 19, 1),
    ("PV1", 36, 1),
    ("PV1", 37, 1),
    ("PV1", 42, 1),
    ("PV1", 42, 2),
    ("PV1", 44, 1),
    ("PV1", 45, 1),
    ("PV2", 38, 1),
    ("MRG", 1, 1),
    ("MRG", 5, 1),
    ("IAM", 2, 1),
    ("IAM", 3, 2),
    ("IAM", 4, 1),
    ("IAM", 5, 1),
    ("IAM", 6, 1),
    ("IAM", 7, 1),
    ("IAM", 11, 1),
    ("IAM", 13, 1),
    ("IAM", 17, 1),
    ("PRB", 1, 1),
    ("PRB", 2, 1),
    ("PRB", 3, 1),
    ("PRB", 3, 2),
    ("PRB", 4, 1),
    ("PRB", 7, 1),
    ("PRB", 13, 1),
    ("ZIF", 1, 1),
    ("ZIF", 1, 2),
    ("ZIF", 1, 3),
    ("ORC", 1, 1),
    ("ORC", 2, 1),
    ("ORC", 3, 1),
    ("ORC", 4, 1),
    ("ORC", 5, 1),
    ("ORC", 9, 1),
    ("OBR", 2, 1),
    ("OBR", 3, 1),
    ("OBR", 3, 2),
    ("OBR", 4, 1),
    ("OBR", 4, 3),
    ("OBR", 4, 4),
    ("OBR", 4, 5),
    ("OBR", 7, 1),
    ("OBR", 22, 1),
    ("OBR", 24, 1),
    ("OBR", 25, 1),
    ("OBR", 44, 1),
    ("OBX", 2, 1),
    ("OBX", 3, 1),
    ("OBX", 7, 1),
    ("OBX", 3, 3),
    ("OBX", 4, 1),
    ("OBX", 6, 1),
    ("OBX", 8, 1),
    ("OBX", 11, 1),
    ("OBX", 14, 1),
];

/// Fields with a table of codes: segment, field, component, codes.
const TABLES: [(&str, usize, usize, &[&str]); 12] = [
    (
        "MSH",
        9,
        2,
        &[
            "A01", "A02", "A03", "A04", "A05", "A08", "A11", "A12", "A13", "A17", "A40", "A45", "A47", "A60",
            "O01", "O02", "R01", "R30", "PC1",
        ],
    ),
    ("MSH", 3, 1, &["EPIC", "WinPath", "CoPath", "BIO-CONNECT", "ABL90 FLEX Plus", "IMG_RESULT", ""]),
    ("MSH", 8, 1, &["DISCHAUTO", ""]),
    ("PID", 30, 1, &["Y", "N", "", "\"\""]),
    ("PID", 22, 1, &["A", "Z1", "Black Britis", "XX"]),
    ("PV1", 2, 1, &["I", "O", "E", "DAY CASE", "SURG ADMIT", "X", ""]),
    ("ORC", 1, 1, &["RE", "NW", "SC", "SN", "NA", "CA", "CR", "OC", "XO", ""]),
    ("OBR", 4, 3, &["WinPath", "CPEAP", ""]),
    ("OBX", 2, 1, &["ST", "FT", "TX", "NM", "CE", "ED", "DT", "SN", ""]),
    ("OBX", 11, 1, &["F", "C", "P", "D", "X", ""]),
    ("IAM", 6, 1, &["A", "U", "X", "D", "?"]),
    ("PRB", 1, 1, &["AD", "UP", "DE", "?"]),
];

impl Text {
    pub(crate) fn of(message: &str) -> Self {
        let lines = message.split(['\r', '\n']).filter(|line| !line.is_empty()).map(str::to_owned);
        Self { lines: lines.collect(), line_end: "\r" }
    }

    pub(crate) fn joined(&self) -> String {
        self.lines.join(self.line_end)
    }

    /// Makes a change; false if the message has no place for it.
    pub(crate) fn apply(&mut self, change: &Change) -> bool {
        self.try_apply(change).is_some()
    }

    fn try_apply(&mut self, Change { kind, numbers: [which, where_, how, much] }: &Change) -> Option<()> {
        let choose = |number: &u16, count: usize| (count > 0).then(|| usize::from(*number) % count);
        match kind {
            Kind::LocalSegment => {
                let name = ["ZZZ", "ZPD", "ZDS", "ZX9"][choose(how, 4)?];
                let at = 1 + choose(which, self.lines.len())?;
                self.lines.insert(at, format!("{name}|1|x^y&z~{}", much % 10));
            }
            Kind::FieldSeparators => {
                let line = choose(which, self.lines.len())?;
                self.lines[line].push_str(&"|".repeat(1 + usize::from(much % 3)));
            }
            Kind::ComponentSeparators => {
                let more = "^".repeat(1 + usize::from(much % 2));
                self.edit(*which, *where_, |field| {
                    Some(changed_part(field, '~', *how, |part| format!("{part}{more}")))
                })?;
            }
            Kind::SubcomponentSeparators => {
                let more = "&".repeat(1 + usize::from(much % 2));
                self.edit(*which, *where_, |field| {
                    Some(changed_part(field, '~', *how, |repetition| {
                        changed_part(repetition, '^', *much, |part| format!("{part}{more}"))
                    }))
                })?;
            }
            Kind::Blanks => {
                let mut places = self.places(&WORDS);
                let lines = self.lines.iter().enumerate();
                let numbers =
                    lines.filter(|(_, line)| is(line, "OBX") && line.split('|').nth(2) == Some("NM"));
                places.extend(numbers.map(|(line, _)| (line, ("OBX", 5, 1))));
                let (line, (_, field, component)) = *places.get(choose(which, places.len())?)?;
                let (before, after) = [(" ", ""), ("", " "), (" ", "  ")][choose(how, 3)?];
                self.edit_component(line, field, *where_, component, |text| {
                    format!("{before}{text}{after}")
                })?;
            }
            Kind::DoubledPatient => {
                let at = self.lines.iter().position(|line| is(line, "PID"))?;
                self.lines.insert(at + 1, self.lines[at].clone());
            }
            Kind::LineEnds => self.line_end = ["\r", "\n", "\r\n", "\r\r"][choose(how, 4)?],
            Kind::VersionComponents => {
                self.edit_component(0, 12, 0, 1, |version| format!("{version}^GBR^2.4"))?;
            }
            Kind::BadItem => self.add_bad_item(*which)?,
            Kind::OtherCode => {
                let places = self.places(&TABLES.map(|(name, field, component, _)| (name, field, component)));
                let (line, place) = *places.get(choose(which, places.len())?)?;
                let codes =
                    TABLES.iter().find(|(name, field, component, _)| (*name, *field, *component) == place)?.3;
                let code = codes[choose(how, codes.len())?];
                self.edit_component(line, place.1, *where_, place.2, |_| code.to_owned())?;
            }
            Kind::DroppedSegment => {
                let line = 1 + choose(which, self.lines.len() - 1)?;
                self.lines.remove(line);
            }
            Kind::DoubledSegment => {
                let line = 1 + choose(which, self.lines.len() - 1)?;
                self.lines.insert(line, self.lines[line].clone());
            }
            Kind::SwappedSegments => {
                let count = self.lines.len() - 1;
                self.lines.swap(1 + choose(which, count)?, 1 + choose(where_, count)?);
            }
            Kind::EmptiedField => self.edit(*which, *where_, |_| Some(String::new()))?,
        }
        Some(())
    }

    /// Changes a field: any but the separators themselves.
    fn edit(&mut self, which: u16, place: u16, edit: impl FnOnce(&str) -> Option<String>) -> Option<()> {
        let line = usize::from(which) % self.lines.len().max(1);
        let text = self.lines.get_mut(line)?;
        let mut fields: Vec<String> = text.split('|').map(str::to_owned).collect();
        let first = if is(text, "MSH") { 2 } else { 1 };
        let field =
            first + usize::from(place) % fields.len().checked_sub(first).filter(|&count| count > 0)?;
        fields[field] = edit(&fields[field])?;
        *text = fields.join("|");
        Some(())
    }

    /// Changes a component of some repetition, if the segment has the field and the repetition the component.
    fn edit_component(
        &mut self,
        line: usize,
        field: usize,
        which: u16,
        component: usize,
        edit: impl Fn(&str) -> String,
    ) -> Option<()> {
        let text = self.lines.get_mut(line)?;
        let field = field - usize::from(is(text, "MSH"));
        let mut fields: Vec<String> = text.split('|').map(str::to_owned).collect();
        let content = fields.get(field)?;
        let repetition = usize::from(which) % content.split('~').count();
        content.split('~').nth(repetition)?.split('^').nth(component - 1)?;
        fields[field] = changed_nth(content, '~', repetition, |repetition| {
            changed_nth(repetition, '^', component - 1, |part| edit(part))
        });
        *text = fields.join("|");
        Some(())
    }

    /// Lines that have one of these fields, each with the field.
    fn places<'t>(&self, table: &[(&'t str, usize, usize)]) -> Vec<(usize, (&'t str, usize, usize))> {
        let lines = self.lines.iter().enumerate();
        let places = lines.flat_map(|(number, line)| {
            table.iter().filter(|(name, ..)| is(line, name)).map(move |place| (number, *place))
        });
        places.collect()
    }

    /// Something that cannot be read, beside something of its kind.
    fn add_bad_item(&mut self, which: u16) -> Option<()> {
        let find = |name: &str| -> Vec<usize> {
            let lines = self.lines.iter().enumerate();
            lines.filter(|(_, line)| is(line, name)).map(|(number, _)| number).collect()
        };
        let any = |places: &[usize]| places.get(usize::from(which) % places.len().max(1)).copied();
        let header = self.lines.first()?;
        if let Some(line) = any(&find("IAM")).filter(|_| header.contains("|ADT^A60")) {
            self.lines.insert(line, "IAM|9|Food|^BAD|||?|4711".to_owned());
        } else if let Some(line) = any(&find("PRB")).filter(|_| header.contains("|PPR^PC")) {
            self.lines.insert(line, "PRB|AD|soon|BAD|4711".to_owned());
        } else if let Some(line) = any(&find("ZIF")).filter(|_| header.contains("|ADT^A05")) {
            self.lines[line] = self.lines[line].replacen("ZIF|", "ZIF|BAD^soon~", 1);
        } else if let Some(line) = find("OBX").first().copied().filter(|_| header.contains("|ORU^R01")) {
            let any_line = |mark: &str| self.lines.iter().any(|line| line.contains(mark));
            let bad = if any_line("ISOLATE") {
                "OBX|9|CE|ISOLATE^ISOLATE^Winpath|99|^Nameless||||||F"
            } else if any_line("CoPathPlus") {
                "OBX|9"
            } else if any_line("|&GDT") {
                "OBX|9|TX|NARRATIVE||x||||||F"
            } else {
                return None;
            };
            self.lines.insert(line, bad.to_owned());
        } else {
            return None;
        }
        Some(())
    }
}

fn is(line: &str, name: &str) -> bool {
    line.split('|').next() == Some(name)
}

fn changed_part(text: &str, separator: char, which: u16, edit: impl FnOnce(&str) -> String) -> String {
    changed_nth(text, separator, usize::from(which) % text.split(separator).count(), edit)
}

fn changed_nth(text: &str, separator: char, at: usize, edit: impl FnOnce(&str) -> String) -> String {
    let mut parts: Vec<String> = text.split(separator).map(str::to_owned).collect();
    if let Some(part) = parts.get_mut(at) {
        *part = edit(part);
    }
    parts.join(&separator.to_string())
}
