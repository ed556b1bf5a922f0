//! Filled-in forms, from the message store.

use chrono::DateTime;
use emap_interchange::{Form, FormAnswer, Instant, InterchangeValue, Message};

use crate::{
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{day, iso, message, number, required, wrapped},
};

static DEFINITION: Definition = Definition {
    name: "Form",
    source: SourceName::Ids,
    file: "ids/form_answers.sql",
    built_in: built_in!("ids/form_answers.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 24 },
    times: Times::Utc,
    order: "number of the first answer that is filed together with the row, row_id",
    columns: FormAnswerRow::COLUMNS,
};

/// The question that stands for the note of a form.
const NOTE: &str = "EMAP_SDE_NOTE";

row! {
    /// An answer of a form.
    pub struct FormAnswerRow {
        row_id: i64 = SqlType::BigInt, "number of the answer";
        persisted_at: Instant = SqlType::Timestamptz, "when it was stored";
        form_no: Option<String> = SqlType::Text, "number of the form's definition";
        mrn: Option<String> = SqlType::Text, "hospital number of the patient";
        visit_number: Option<String> = SqlType::Text, "number of the visit";
        first_filed_at: Instant = SqlType::Timestamptz, "when the form was filed first";
        filed_at: Instant = SqlType::Timestamptz, "when this answer was filed";
        note_no: Option<i64> = SqlType::BigInt, "number of the note that the form belongs to";
        note_text: Option<String> = SqlType::Text, "text of that note";
        question_code: Option<String> = SqlType::Text, "code of the question";
        context: Option<String> = SqlType::Text, "what the answer belongs to, such as NOTE";
        data_kind: Option<String> = SqlType::Text, "Boolean, Number, Date, Date-time or Text";
        value_text: Option<String> = SqlType::Text, "the answer as text";
    }
}

/// Answers that were filed together.
#[derive(Debug)]
pub struct FiledForm {
    first: FormAnswerRow,
    more: Vec<FormAnswerRow>,
}

/// Data type `Form`.
#[derive(Debug, Clone, Copy)]
pub struct Forms;

impl FormAnswerRow {
    fn is_filed_with(&self, other: &Self) -> bool {
        let key = |row: &Self| (row.note_no, row.first_filed_at, row.filed_at);
        key(self) == key(other)
            && self.form_no == other.form_no
            && self.mrn == other.mrn
            && self.visit_number == other.visit_number
    }

    fn answer(&self) -> FormAnswer {
        let mut answer = FormAnswer {
            source_message_id: Some(format!("HLV_ID${}", self.row_id)),
            question_id: self.question_code.clone(),
            context: self.context.clone(),
            filed_date_time: Some(self.filed_at),
            string_value: wrapped(self.value_text.as_deref()),
            ..FormAnswer::default()
        };
        if let Some(text) = self.value_text.as_deref().filter(|text| !text.is_empty())
            && let Err(expected) = self.interpret(text, &mut answer)
        {
            tracing::warn!(
                data_type = DEFINITION.name,
                row = self.row_id,
                expected,
                "the answer is kept as text only"
            );
        }
        answer
    }

    /// Adds the value in the form that its kind says.
    fn interpret(&self, text: &str, answer: &mut FormAnswer) -> Result<(), &'static str> {
        match self.data_kind.as_deref() {
            Some("Text") => (),
            Some("Boolean") => {
                let value = match text.trim() {
                    "1" => true,
                    "0" => false,
                    _ => return Err("value_text: 1 or 0"),
                };
                answer.boolean_value = InterchangeValue::Save(value);
            }
            Some("Number") => {
                answer.numeric_value = InterchangeValue::Save(number(text).ok_or("value_text: a number")?);
            }
            Some("Date") => {
                answer.date_value = InterchangeValue::Save(day(text).ok_or("value_text: an ISO date")?);
            }
            Some("Date-time") => {
                let at = DateTime::parse_from_rfc3339(text.trim());
                let at = at.map_err(|_| "value_text: an ISO date and time with Z")?;
                answer.utc_date_time_value = InterchangeValue::Save(at.to_utc());
            }
            _ => return Err("data_kind: Boolean, Number, Date, Date-time or Text"),
        }
        Ok(())
    }
}

impl QueryStrategy for Forms {
    type Row = FormAnswerRow;
    type Record = FiledForm;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, first: FormAnswerRow) -> FiledForm {
        FiledForm { first, more: Vec::new() }
    }

    fn add(&self, form: &mut FiledForm, row: FormAnswerRow) -> Option<FormAnswerRow> {
        if !row.is_filed_with(&form.first) {
            return Some(row);
        }
        form.more.push(row);
        None
    }

    fn updated(&self, form: &FiledForm, _: &Scope) -> Updated {
        Updated::at(form.first.persisted_at)
    }

    fn number(&self, form: &FiledForm) -> i64 {
        form.first.row_id
    }

    fn is_ordered_by_number(&self) -> bool {
        true
    }

    fn row_id(&self, form: &FiledForm) -> String {
        form.first.row_id.to_string()
    }

    fn message(&self, form: &FiledForm, _: &Scope) -> Result<Message, Unconvertible> {
        let first = &form.first;
        let row = first.row_id;
        let note_no = first.note_no.ok_or_else(|| Unconvertible::new(row, "has no number of a note"))?;
        let instance = format!("NOTE_CSN${note_no}");
        let note = FormAnswer {
            source_message_id: Some(instance.clone()),
            question_id: Some(NOTE.to_owned()),
            filed_date_time: Some(first.filed_at),
            string_value: wrapped(first.note_text.as_deref()),
            ..FormAnswer::default()
        };
        let answers = std::iter::once(first).chain(&form.more).map(FormAnswerRow::answer);
        let payload = Form {
            form_id: Some(required(row, first.form_no.as_deref(), "number of a form")?),
            form_instance_id: Some(instance.clone()),
            first_filed_date_time: Some(first.first_filed_at),
            visit_number: first.visit_number.clone(),
            mrn: Some(required(row, first.mrn.as_deref(), "hospital number")?),
            answers: std::iter::once(note).chain(answers).collect(),
        };
        let id = format!("{}_{}_{instance}", iso(first.first_filed_at), iso(first.filed_at));
        Ok(message(DEFINITION.source, id, payload))
    }
}
