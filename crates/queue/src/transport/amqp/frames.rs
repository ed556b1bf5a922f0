//! What the broker sends, cleaned frame by frame before `lapin` reads it.
//!
//! The properties of a message are written by its sender, and the broker checks none of them. `lapin` gives up the
//! whole connection when a text or a header name is not UTF-8, and its reader recurses into nested headers until the
//! stack overflows; since the broker delivers the message again, one such message would stop its queue for ever. So
//! only what EMAP reads is passed on (content type, content encoding, the headers with the class name and the original
//! queue), as UTF-8.

/// The header that names the class of the body; peers write it, ours too.
pub(crate) const TYPE_HEADER: &str = "__TypeId__";
/// The header that names the queue from which core took a message before it put it into that of a partition.
pub(crate) const ORIGIN_HEADER: &str = "x-emap-origin";
/// All that are passed on.
const KEPT_HEADERS: [&str; 2] = [TYPE_HEADER, ORIGIN_HEADER];

/// Type (1 byte), channel (2), size of the payload (4).
const HEAD: usize = 7;
/// Every frame ends with this byte.
const END: u8 = 0xCE;

const METHOD: u8 = 1;
const CONTENT_HEADER: u8 = 2;

/// Frames longer than any broker sends; `lapin` is left to refuse them.
const LONGEST_INSPECTED: usize = 1 << 20;

/// The class of messages, and its methods that name an exchange and a routing key, which senders choose.
const BASIC: u16 = 60;
const RETURN: u16 = 50;
const DELIVER: u16 = 60;

/// The values of [`KEPT_HEADERS`].
type KeptHeaders<'t> = [Option<&'t [u8]>; KEPT_HEADERS.len()];

/// Flags of the properties that are passed on.
const CONTENT_TYPE: u16 = 1 << 15;
const CONTENT_ENCODING: u16 = 1 << 14;
const HEADERS: u16 = 1 << 13;
/// Another word of flags follows.
const MORE_FLAGS: u16 = 1;

/// What a step of the filter came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More input is needed.
    Incomplete,
    /// Something was passed on.
    Passed,
    /// The header of a message was passed on, whose body has this many bytes.
    Message(u64),
}

/// Splits the broker's bytes into frames.
#[derive(Debug, Default)]
pub(super) struct FrameFilter {
    /// The part of an inspected frame that has arrived.
    partial: Vec<u8>,
    /// Bytes still to come of a frame that is passed on as it is.
    passing: usize,
}

impl FrameFilter {
    /// Between two frames: nothing that was begun is unfinished.
    pub(super) fn is_between_frames(&self) -> bool {
        self.partial.is_empty() && self.passing == 0
    }

    /// Whether the next frame, which begins with `input`, begins a message or is about something else than one.
    pub(super) fn begins_method(input: &[u8]) -> bool {
        input.first() == Some(&METHOD)
    }

    /// Takes at most one frame from `input` and appends what is passed on to `output`.
    pub(super) fn step(&mut self, input: &mut &[u8], output: &mut Vec<u8>) -> Step {
        if self.passing > 0 {
            let now = self.passing.min(input.len());
            output.extend_from_slice(take(input, now));
            self.passing -= now;
            return if now == 0 { Step::Incomplete } else { Step::Passed };
        }
        if !self.collect(HEAD, input) {
            return Step::Incomplete;
        }
        let size = u32::from_be_bytes([self.partial[3], self.partial[4], self.partial[5], self.partial[6]]);
        let whole = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(HEAD + 1);
        if !matches!(self.partial[0], METHOD | CONTENT_HEADER) || whole > LONGEST_INSPECTED {
            self.passing = whole - HEAD;
            output.append(&mut self.partial);
            return Step::Passed;
        }
        if !self.collect(whole, input) {
            return Step::Incomplete;
        }
        let frame = std::mem::take(&mut self.partial);
        pass_on(&frame, output)
    }

    /// Fills `partial` up to `length`; whether it is full.
    fn collect(&mut self, length: usize, input: &mut &[u8]) -> bool {
        let missing = length.saturating_sub(self.partial.len()).min(input.len());
        self.partial.extend_from_slice(take(input, missing));
        self.partial.len() >= length
    }
}

/// Appends a whole frame, cleaned; as it is where it does not look like what it says it is.
fn pass_on(frame: &[u8], output: &mut Vec<u8>) -> Step {
    let payload = &frame[HEAD..frame.len() - 1];
    let (cleaned, step) = match frame[0] {
        CONTENT_HEADER => match clean_header(payload) {
            Some((cleaned, body)) => (Some(cleaned), Step::Message(body)),
            None => (None, Step::Passed),
        },
        _ => (clean_method(payload), Step::Passed),
    };
    match cleaned.as_ref().map(|cleaned| (cleaned, u32::try_from(cleaned.len()))) {
        Some((cleaned, Ok(size))) => {
            output.extend_from_slice(&frame[..3]);
            output.extend_from_slice(&size.to_be_bytes());
            output.extend_from_slice(cleaned);
            output.push(END);
        }
        _ => output.extend_from_slice(frame),
    }
    step
}

/// A method with its exchange and routing key as UTF-8; `None` if there is nothing to clean.
fn clean_method(payload: &[u8]) -> Option<Vec<u8>> {
    let mut rest = payload;
    let class = word(&mut rest)?;
    let method = word(&mut rest)?;
    let mut cleaned = payload[..4].to_vec();
    match (class, method) {
        (BASIC, DELIVER) => {
            short_text(&mut rest, &mut cleaned)?;
            // The delivery tag, and whether the message was delivered before.
            cleaned.extend_from_slice(checked_take(&mut rest, 9)?);
        }
        (BASIC, RETURN) => {
            cleaned.extend_from_slice(checked_take(&mut rest, 2)?);
            short_text(&mut rest, &mut cleaned)?;
        }
        _ => return None,
    }
    short_text(&mut rest, &mut cleaned)?;
    short_text(&mut rest, &mut cleaned)?;
    cleaned.extend_from_slice(rest);
    Some(cleaned)
}

/// The header of a message with nothing but what EMAP reads, and the size of the body.
fn clean_header(payload: &[u8]) -> Option<(Vec<u8>, u64)> {
    let mut rest = payload;
    let fixed = checked_take(&mut rest, 12)?;
    let body = u64::from_be_bytes(fixed[4..12].try_into().ok()?);
    let flags = word(&mut rest)?;
    let mut more = flags;
    while more & MORE_FLAGS != 0 {
        more = word(&mut rest)?;
    }
    let (mut kept, mut properties) = (0, Vec::new());
    for flag in [CONTENT_TYPE, CONTENT_ENCODING] {
        if flags & flag != 0 {
            short_text(&mut rest, &mut properties)?;
            kept |= flag;
        }
    }
    if flags & HEADERS != 0 {
        let headers = kept_headers(long(&mut rest)?);
        if headers.iter().any(Option::is_some) {
            table_of(&headers, &mut properties)?;
            kept |= HEADERS;
        }
    }
    let mut cleaned = fixed.to_vec();
    cleaned.extend_from_slice(&kept.to_be_bytes());
    cleaned.extend_from_slice(&properties);
    Some((cleaned, body))
}

/// The values of the headers that are kept, as far as the table can be read and has them as texts. Of several the first
/// counts.
fn kept_headers(mut table: &[u8]) -> KeptHeaders<'_> {
    let mut kept = KeptHeaders::default();
    while let Some((name, kind, value)) = next_header(&mut table) {
        let place = KEPT_HEADERS.iter().position(|header| header.as_bytes() == name);
        if let Some(place) = place.filter(|_| matches!(kind, b'S' | b's')) {
            kept[place].get_or_insert(value);
        }
    }
    kept
}

/// A header's name, kind and value.
fn next_header<'t>(table: &mut &'t [u8]) -> Option<(&'t [u8], u8, &'t [u8])> {
    let name = short(table)?;
    let kind = checked_take(table, 1)?[0];
    Some((name, kind, field_value(kind, table)?))
}

/// Steps over a field's value, which for a text are its bytes. Tables and arrays have a length, so nothing recurses.
fn field_value<'t>(kind: u8, table: &mut &'t [u8]) -> Option<&'t [u8]> {
    let size = match kind {
        b'V' => 0,
        b't' | b'b' | b'B' => 1,
        // RabbitMQ reads `s` as a short integer; no program sends short strings.
        b's' | b'u' | b'U' => 2,
        b'I' | b'i' | b'f' => 4,
        b'D' => 5,
        b'L' | b'l' | b'd' | b'T' => 8,
        b'S' | b'A' | b'F' | b'x' => return long(table),
        _ => return None,
    };
    checked_take(table, size)
}

/// Writes the headers table that has only these.
fn table_of(headers: &KeptHeaders<'_>, output: &mut Vec<u8>) -> Option<()> {
    let mut table = Vec::new();
    for (name, value) in KEPT_HEADERS.iter().zip(headers) {
        if let Some(value) = value {
            let value = String::from_utf8_lossy(value);
            table.push(u8::try_from(name.len()).ok()?);
            table.extend_from_slice(name.as_bytes());
            table.push(b'S');
            table.extend_from_slice(&u32::try_from(value.len()).ok()?.to_be_bytes());
            table.extend_from_slice(value.as_bytes());
        }
    }
    output.extend_from_slice(&u32::try_from(table.len()).ok()?.to_be_bytes());
    output.extend_from_slice(&table);
    Some(())
}

/// Copies a text of at most 255 bytes, as UTF-8.
fn short_text(input: &mut &[u8], output: &mut Vec<u8>) -> Option<()> {
    let text = String::from_utf8_lossy(short(input)?);
    let mut length = text.len().min(usize::from(u8::MAX));
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    output.push(u8::try_from(length).ok()?);
    output.extend_from_slice(&text.as_bytes()[..length]);
    Some(())
}

fn short<'i>(input: &mut &'i [u8]) -> Option<&'i [u8]> {
    let length = checked_take(input, 1)?[0];
    checked_take(input, usize::from(length))
}

fn long<'i>(input: &mut &'i [u8]) -> Option<&'i [u8]> {
    let length = u32::from_be_bytes(checked_take(input, 4)?.try_into().ok()?);
    checked_take(input, usize::try_from(length).ok()?)
}

fn word(input: &mut &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(checked_take(input, 2)?.try_into().ok()?))
}

fn checked_take<'i>(input: &mut &'i [u8], count: usize) -> Option<&'i [u8]> {
    (count <= input.len()).then(|| take(input, count))
}

fn take<'i>(input: &mut &'i [u8], count: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at(count);
    *input = rest;
    taken
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![kind, 0, 1];
        frame.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
        frame.extend_from_slice(payload);
        frame.push(END);
        frame
    }

    fn short_string(bytes: &[u8]) -> Vec<u8> {
        [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }

    fn long_string(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    /// The header frame of a message of five bytes.
    fn header(flags: u16, properties: &[u8]) -> Vec<u8> {
        let fixed = [&60u16.to_be_bytes()[..], &[0, 0], &5u64.to_be_bytes(), &flags.to_be_bytes()].concat();
        frame(CONTENT_HEADER, &[fixed, properties.to_vec()].concat())
    }

    fn filtered(input: &[u8], piece: usize) -> (Vec<u8>, Vec<u64>) {
        let (mut filter, mut output, mut bodies) = (FrameFilter::default(), Vec::new(), Vec::new());
        for mut piece in input.chunks(piece) {
            loop {
                match filter.step(&mut piece, &mut output) {
                    Step::Incomplete => break,
                    Step::Passed => {}
                    Step::Message(body) => bodies.push(body),
                }
            }
        }
        (output, bodies)
    }

    fn type_table(extra: &[u8]) -> Vec<u8> {
        let entry = [short_string(b"__TypeId__"), b"S".to_vec(), long_string(b"a.B")].concat();
        long_string(&[extra, &entry].concat())
    }

    #[test]
    fn only_what_is_read_is_passed_on() {
        let properties = [
            short_string(b"application/json"),
            short_string(b"UTF-8"),
            type_table(&[short_string(b"n\xff"), b"I".to_vec(), vec![0, 0, 0, 1]].concat()),
            vec![2],
            short_string(b"\xfe correlation"),
        ]
        .concat();
        let (output, bodies) =
            filtered(&header(0b1111_1100_0000_0000 & !0b0000_1000_0000_0000, &properties), 3);
        let kept = [short_string(b"application/json"), short_string(b"UTF-8"), type_table(&[])].concat();
        assert_eq!(output, header(CONTENT_TYPE | CONTENT_ENCODING | HEADERS, &kept));
        assert_eq!(bodies, [5]);
    }

    #[test]
    fn a_content_type_that_is_no_text_stays_recognisable() {
        let (output, _) = filtered(&header(CONTENT_TYPE, &short_string(b"text/\xff")), 64);
        assert_eq!(output, header(CONTENT_TYPE, &short_string("text/\u{fffd}".as_bytes())));
    }

    #[test]
    fn headers_nested_beyond_any_stack_are_left_out() {
        let mut nested = Vec::new();
        for _ in 0..3000 {
            nested = [short_string(b"x"), b"F".to_vec(), long_string(&nested)].concat();
        }
        let (output, _) = filtered(&header(HEADERS, &type_table(&nested)), 1000);
        assert_eq!(output, header(HEADERS, &type_table(&[])));
    }

    #[test]
    fn the_original_queue_is_passed_on_with_the_class() {
        let origin = [short_string(b"x-emap-origin"), b"S".to_vec(), long_string(b"hl7Queue")].concat();
        let class = [short_string(b"__TypeId__"), b"S".to_vec(), long_string(b"a.B")].concat();
        let other = [short_string(b"y"), b"t".to_vec(), vec![1]].concat();
        let sent = long_string(&[origin.clone(), other, class.clone()].concat());
        let (output, _) = filtered(&header(HEADERS, &sent), 64);
        assert_eq!(output, header(HEADERS, &long_string(&[class, origin].concat())));
    }

    #[test]
    fn exchange_and_routing_key_become_utf_8() {
        let deliver = |key: &[u8]| {
            let parts = [
                60u16.to_be_bytes().to_vec(),
                60u16.to_be_bytes().to_vec(),
                short_string(b"tag"),
                vec![0; 9],
                short_string(b""),
                short_string(key),
            ];
            frame(METHOD, &parts.concat())
        };
        let (output, _) = filtered(&deliver(b"caf\xe9"), 5);
        assert_eq!(output, deliver("caf\u{fffd}".as_bytes()));
    }

    proptest! {
        /// With any bytes, nothing panics, and frames that hold nothing to clean come out as they went in.
        #[test]
        fn bodies_and_other_methods_are_not_touched(
            payloads in prop::collection::vec((prop::sample::select(vec![3u8, 8]), prop::collection::vec(any::<u8>(), 0..40)), 0..6),
            piece in 1usize..50,
        ) {
            let input: Vec<u8> = payloads.iter().flat_map(|(kind, payload)| frame(*kind, payload)).collect();
            prop_assert_eq!(filtered(&input, piece).0, input);
        }

        #[test]
        fn nonsense_is_survived(input in prop::collection::vec(any::<u8>(), 0..300), kind in 1u8..3, piece in 1usize..50) {
            filtered(&frame(kind, &input), piece);
            filtered(&input, piece);
        }
    }
}
