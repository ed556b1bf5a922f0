//! Requests for consults, with comments, questions and answers.

use emap_interchange::{ConsultRequest, InterchangeValue, Message, Questions};
use indexmap::IndexMap;

use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{joined, label, message, required},
};

static DEFINITION: Definition = Definition {
    name: "ConsultRequest",
    source: SourceName::Clarity,
    file: "clarity/consult_requests.sql",
    built_in: built_in!("clarity/consult_requests.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 24 },
    times: Times::Local,
    order: "status_changed_at_local, order_no; then comments before answers, question_ref, line",
    columns: ConsultRow::COLUMNS,
};

const COMMENT: i32 = 1;
const CANCELLED: &str = "Cancelled";
const CLOSED: &str = "Closed at discharge";

row! {
    /// A line of a comment or an answer of a request; one row without a line if there is neither.
    pub struct ConsultRow {
        order_no: i64 = SqlType::BigInt, "number of the request";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the patient";
        visit_number: Option<String> = SqlType::Varchar(25), "number of the visit";
        item_code: Option<String> = SqlType::Varchar(20), "code of the type of consult";
        state_code: i32 = SqlType::Int, "state of the request";
        state_label: Option<String> = SqlType::Varchar(80), "label of that state, such as Cancelled";
        status_changed_at_local: Local = SqlType::DateTime2(0), "last change of that state";
        scheduled_at_local: Local = SqlType::DateTime2(0), "when the consult is to begin";
        part: Option<i32> = SqlType::Int, "1: a line of a comment; 2: of an answer; null: neither";
        question_ref: Option<i32> = SqlType::Int, "number of the question";
        question_text: Option<String> = SqlType::Varchar(200), "the question";
        line: Option<i32> = SqlType::Int, "number of the line";
        line_text: Option<String> = SqlType::VarcharMax, "the line; null is an empty line";
    }
}

/// A request with its lines.
#[derive(Debug)]
pub struct Consult {
    row: ConsultRow,
    lines: Vec<Line>,
}

/// A line of a comment or of an answer.
#[expect(clippy::struct_field_names, reason = "fields are called as their columns")]
#[derive(Debug, Clone, PartialEq)]
struct Line {
    part: i32,
    question_ref: Option<i32>,
    question_text: Option<String>,
    line: Option<i32>,
    text: Option<String>,
}

/// Data type `ConsultRequest`.
#[derive(Debug, Clone, Copy)]
pub struct ConsultRequests;

impl ConsultRow {
    fn take_line(&mut self) -> Option<Line> {
        Some(Line {
            part: self.part?,
            question_ref: self.question_ref,
            question_text: self.question_text.take(),
            line: self.line,
            text: self.line_text.take(),
        })
    }
}

impl Line {
    fn place(&self) -> (i32, Option<i32>, Option<i32>) {
        (self.part, self.question_ref, self.line)
    }
}

impl Consult {
    /// Answers by their questions, in the order of the questions.
    fn questions(&self) -> Questions {
        let mut answers: IndexMap<&str, Vec<Option<&str>>> = IndexMap::new();
        for line in self.lines.iter().filter(|line| line.part != COMMENT) {
            if let Some(question) = line.question_text.as_deref() {
                answers.entry(question).or_default().push(line.text.as_deref());
            } else {
                tracing::error!(
                    data_type = DEFINITION.name,
                    row = self.row.order_no,
                    question = line.question_ref,
                    "the question of an answer is not known; the answer is left out"
                );
            }
        }
        answers.into_iter().map(|(question, lines)| (question.to_owned(), Some(joined(lines)))).collect()
    }

    fn notes(&self) -> InterchangeValue<String> {
        let comments = self.lines.iter().filter(|line| line.part == COMMENT);
        let text = joined(comments.map(|line| line.text.as_deref()));
        InterchangeValue::from_option(Some(text).filter(|text| !text.is_empty()))
    }
}

impl QueryStrategy for ConsultRequests {
    type Row = ConsultRow;
    type Record = Consult;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, mut row: ConsultRow) -> Consult {
        let lines = row.take_line().into_iter().collect();
        Consult { row, lines }
    }

    fn add(&self, consult: &mut Consult, mut row: ConsultRow) -> Option<ConsultRow> {
        if row.order_no != consult.row.order_no {
            return Some(row);
        }
        // Joins may repeat a line; several lines may have one number.
        if let Some(line) = row.take_line() {
            let is_beside = |known: &&Line| known.place() == line.place();
            let is_known = consult.lines.iter().rev().take_while(is_beside).any(|known| *known == line);
            consult.lines.extend(Some(line).filter(|_| !is_known));
        }
        None
    }

    fn updated(&self, consult: &Consult, scope: &Scope) -> Updated {
        Updated::Known(scope.clock.convert(consult.row.status_changed_at_local))
    }

    fn number(&self, consult: &Consult) -> i64 {
        consult.row.order_no
    }

    fn row_id(&self, consult: &Consult) -> String {
        consult.row.order_no.to_string()
    }

    fn message(&self, consult: &Consult, scope: &Scope) -> Result<Message, Unconvertible> {
        let row = &consult.row;
        let number = row.order_no;
        let state = label(number, Some(row.state_code), row.state_label.as_deref(), "state_code")?;
        let payload = ConsultRequest {
            epic_consult_id: Some(number),
            mrn: Some(required(number, row.hospital_number.as_deref(), "hospital number")?),
            visit_number: Some(required(number, row.visit_number.as_deref(), "visit number")?),
            consultation_type: Some(required(number, row.item_code.as_deref(), "type of consult")?),
            status_change_date_time: Some(scope.clock.instant(row.status_changed_at_local)),
            scheduled_date_time: Some(scope.clock.instant(row.scheduled_at_local)),
            questions: consult.questions(),
            notes: consult.notes(),
            cancelled: state == Some(CANCELLED),
            closed_due_to_discharge: state == Some(CLOSED),
        };
        Ok(message(DEFINITION.source, number.to_string(), payload))
    }
}
