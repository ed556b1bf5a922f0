//! Notes: comments, and questions with their answers.
//!
//! Systems put what was asked at ordering, and what was answered, into notes of the order, a line each:
//! `Reason for consult?->frailty`. What stands before the first question is comment. A line without a question
//! goes on with the answer before it.

use emap_hl7::strip;
use emap_interchange::{InterchangeValue, Questions};

use crate::{reasons::RejectReason, views::Nte};

/// How a system separates a question from its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// Any of these stands between a question and its answer. None is the beginning of another.
    marks: &'static [&'static str],
    /// What a further mark inside an answer becomes.
    inside_answer: &'static str,
}

/// Orders of the record system, such as consult requests.
pub(crate) const ARROW: Dialect = Dialect { marks: &["->"], inside_answer: "->" };
/// Lab orders for WinPath.
pub(crate) const WIN_PATH: Dialect = Dialect { marks: &[":-", "?-"], inside_answer: ":" };
/// Imaging.
pub(crate) const EQUALS: Dialect = Dialect { marks: &["="], inside_answer: "=" };

/// What the notes of an order say.
#[derive(Debug, PartialEq)]
pub(crate) struct Notes {
    /// Lines before the first question.
    pub(crate) comments: InterchangeValue<String>,
    /// In the order in which they were first asked.
    pub(crate) questions: Questions,
}

/// All lines of notes that hold no questions.
pub(crate) fn comments(notes: &[Nte]) -> InterchangeValue<String> {
    joined(notes.iter().flat_map(lines))
}

/// Comments and questions. A question that comes again collects its answers. Fails on an answer to nothing.
pub(crate) fn questions(notes: &[Nte], dialect: Dialect) -> Result<Notes, RejectReason> {
    let mut comments = Vec::new();
    let mut questions = Questions::default();
    let mut latest: Option<String> = None;
    for note in notes {
        let text = lines(note).collect::<Vec<_>>().join("\n");
        let text = strip(&text);
        match (dialect.split(text), &latest) {
            (Some(("", _)), _) => return Err(RejectReason::Question(note.lines_place())),
            (Some((question, answer)), _) => {
                add_answer(&mut questions, question, &answer);
                latest = Some(question.to_owned());
            }
            (None, Some(question)) => add_answer(&mut questions, question, text),
            // A blank one too: it separates paragraphs.
            (None, None) => comments.push(text.to_owned()),
        }
    }
    Ok(Notes { comments: joined(comments.into_iter()), questions })
}

/// The answer to a question, on a line of its own if there is one already.
fn add_answer(questions: &mut Questions, question: &str, answer: &str) {
    match questions.get_mut(question) {
        Some(known) => append_line(known.get_or_insert_default(), answer),
        None => {
            questions.insert(question.to_owned(), Some(answer.to_owned()));
        }
    }
}

/// Adds a line to an answer, without blanks around the whole. An answer may have thousands of lines: it is not copied.
fn append_line(answer: &mut String, line: &str) {
    answer.push('\n');
    answer.push_str(line);
    let stripped = strip(answer);
    let start = stripped.as_ptr().addr() - answer.as_ptr().addr();
    let end = start + stripped.len();
    answer.truncate(end);
    answer.drain(..start);
}

/// The lines of one note; none if it has no text.
fn lines(note: &Nte) -> impl Iterator<Item = String> {
    note.lines().map(|line| strip(&line.value().literal().unwrap_or_default()).to_owned())
}

fn joined(lines: impl Iterator<Item = String>) -> InterchangeValue<String> {
    let text = lines.collect::<Vec<_>>().join("\n");
    InterchangeValue::from_hl7(Some(strip(&text)))
}

impl Dialect {
    /// Question and answer; `None` if the text has no mark.
    fn split(self, text: &str) -> Option<(&str, String)> {
        let (question, mut rest) = self.cut(text)?;
        let mut answer = String::with_capacity(rest.len());
        while let Some((before, after)) = self.cut(rest) {
            answer.push_str(before);
            answer.push_str(self.inside_answer);
            rest = after;
        }
        answer.push_str(rest);
        Some((question, answer))
    }

    /// What stands before and after the first mark.
    fn cut(self, text: &str) -> Option<(&str, &str)> {
        let cuts = self.marks.iter().filter_map(|mark| text.split_once(mark));
        cuts.min_by_key(|(before, _)| before.len())
    }
}

#[cfg(test)]
mod tests {
    use emap_hl7::Message;

    use super::*;

    /// The notes with these texts in NTE-3, as they stand in a message.
    fn read_notes<T>(texts: &[&str], read: impl FnOnce(&[Nte]) -> T) -> T {
        let text = [&["MSH|^~\\&|A"], texts].concat().join("\rNTE|1||");
        let message = Message::parse(&text).unwrap();
        read(&message.segments_named(Nte::NAME).map(|segment| Nte::of(&segment)).collect::<Vec<_>>())
    }

    fn save(text: &str) -> InterchangeValue<String> {
        InterchangeValue::Save(text.to_owned())
    }

    #[track_caller]
    fn assert_read(dialect: Dialect, texts: &[&str], comments: &str, questions: &[(&str, &str)]) {
        let found = read_notes(texts, |notes| super::questions(notes, dialect)).unwrap();
        let pairs = |questions: &Questions| -> Vec<(String, String)> {
            questions.iter().map(|(key, value)| (key.clone(), value.clone().unwrap())).collect()
        };
        let expected: Vec<_> = questions.iter().map(|&(key, value)| (key.into(), value.into())).collect();
        assert_eq!(pairs(&found.questions), expected);
        assert_eq!(found.comments, InterchangeValue::from_hl7(Some(comments)));
    }

    #[test]
    fn comments_stand_before_the_first_question() {
        let texts = ["Seen at home", "Pain?->Yes", "left side", "Allergy?->a->b", "Pain?->worse"];
        let questions = [("Pain?", "Yes\nleft side\nworse"), ("Allergy?", "a->b")];
        assert_read(ARROW, &texts, "Seen at home", &questions);
    }

    #[test]
    fn blank_notes() {
        assert_read(ARROW, &["", " one ", "", "two", ""], "one\n\ntwo", &[]);
        assert_read(ARROW, &["Q->a", "", " ", "b"], "", &[("Q", "a\nb")]);
        assert_read(ARROW, &["Q->", "", "  a", "", "b "], "", &[("Q", "a\nb")]);
        assert_read(ARROW, &["", "~"], "", &[]);
        assert_read(ARROW, &[], "", &[]);
    }

    #[test]
    fn white_space_around_questions_and_answers() {
        assert_read(ARROW, &["  Review ->  x  "], "", &[("Review ", "  x")]);
        assert_read(ARROW, &["Review ->  x", "y "], "", &[("Review ", "x\ny")]);
    }

    #[test]
    fn an_answer_may_begin_on_the_next_line() {
        assert_read(ARROW, &["Reason->", "fell", "twice"], "", &[("Reason", "fell\ntwice")]);
        assert_read(ARROW, &["Reason->", "Next->n"], "", &[("Reason", ""), ("Next", "n")]);
        assert_read(WIN_PATH, &["Clinical details:-", "jaundice"], "", &[("Clinical details", "jaundice")]);
    }

    #[test]
    fn repetitions_of_one_note_are_one_text() {
        assert_read(ARROW, &["remark~Q->a~ more "], "", &[("remark\nQ", "a\nmore")]);
    }

    #[test]
    fn escapes_and_delete_are_text() {
        assert_read(ARROW, &[r"A \T\ E?->R\S\L\.br\x", "\"\""], "", &[("A & E?", "R^L\nx\n\"\"")]);
        assert_eq!(read_notes(&["\"\""], comments), InterchangeValue::delete());
    }

    #[test]
    fn marks_of_labs() {
        let texts = ["Print?-Yes", "Details:-pain:-left?-no", "Fasting? -> no", "a:b-c"];
        let questions = [("Print", "Yes"), ("Details", "pain:left:no\nFasting? -> no\na:b-c")];
        assert_read(WIN_PATH, &texts, "", &questions);
    }

    #[test]
    fn an_answer_to_nothing_is_refused_where_it_stands() {
        for (dialect, texts) in
            [(ARROW, ["comment", "->a"]), (ARROW, ["Q->a", " -> b"]), (WIN_PATH, ["Q?-a", ":-b"])]
        {
            let reason = read_notes(&texts, |notes| super::questions(notes, dialect)).unwrap_err();
            assert_eq!(reason.to_string(), "NTE-3 (segment 3): an answer without a question");
        }
        // One that begins on the line above has a question, if a strange one.
        assert_read(ARROW, &["-~->b"], "", &[("-\n", "b")]);
    }

    #[test]
    fn comments_alone() {
        assert_eq!(read_notes(&[], comments), InterchangeValue::Unknown);
        assert_eq!(read_notes(&["", ""], comments), InterchangeValue::Unknown);
        assert_eq!(read_notes(&[" one "], comments), save("one"));
        assert_eq!(read_notes(&["1a ~ 1b", "", "2 -> x"], comments), save("1a\n1b\n2 -> x"));
        assert_eq!(read_notes(&["~one~~two~"], comments), save("one\n\ntwo"));
        assert_eq!(read_notes(&["first~", "second~^&~"], comments), save("first\nsecond"));
    }
}
