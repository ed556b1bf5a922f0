//! What the questions of forms are.

use emap_interchange::{FormQuestionMetadata, Message};

use crate::{
    cell::Local,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{joined, message},
};

static DEFINITION: Definition = Definition {
    name: "FormQuestionMetadata",
    source: SourceName::Clarity,
    file: "clarity/form_question_metadata.sql",
    built_in: built_in!("clarity/form_question_metadata.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Local,
    order: "effective_from_local, those without it last; item_code; line",
    columns: FormItemRow::COLUMNS,
};

row! {
    /// A line of the description of a question; one row without a line if it has no description.
    pub struct FormItemRow {
        item_code: String = SqlType::Varchar(30), "code of the question";
        item_title: String = SqlType::Varchar(200), "its name";
        short_title: Option<String> = SqlType::Varchar(80), "a shorter name";
        effective_from_local: Option<Local> = SqlType::DateTime2(0), "since when; null: the time of reading";
        line: Option<i32> = SqlType::Int, "number of the line of its description";
        line_text: Option<String> = SqlType::VarcharMax, "the line";
    }
}

/// A question with the lines of its description.
#[derive(Debug)]
pub struct FormItem {
    row: FormItemRow,
    lines: Vec<Option<String>>,
}

/// Data type `FormQuestionMetadata`.
#[derive(Debug, Clone, Copy)]
pub struct FormQuestionMetadataStrategy;

impl QueryStrategy for FormQuestionMetadataStrategy {
    type Row = FormItemRow;
    type Record = FormItem;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, mut row: FormItemRow) -> FormItem {
        let text = row.line_text.take();
        let lines = row.line.map(|_| text).into_iter().collect();
        FormItem { row, lines }
    }

    fn add(&self, item: &mut FormItem, row: FormItemRow) -> Option<FormItemRow> {
        if row.item_code != item.row.item_code {
            return Some(row);
        }
        item.lines.push(row.line_text);
        None
    }

    fn updated(&self, item: &FormItem, scope: &Scope) -> Updated {
        Updated::known(item.row.effective_from_local.map(|local| scope.clock.convert(local)))
    }

    fn row_id(&self, item: &FormItem) -> String {
        item.row.item_code.clone()
    }

    fn unknown_last(&self) -> bool {
        true
    }

    fn message(&self, item: &FormItem, scope: &Scope) -> Result<Message, Unconvertible> {
        let row = &item.row;
        let description = joined(item.lines.iter().map(Option::as_deref));
        let payload = FormQuestionMetadata {
            name: Some(row.item_title.clone()),
            abbrev_name: row.short_title.clone(),
            description: Some(description).filter(|text| !text.is_empty()),
            valid_from: Some(row.effective_from_local.map_or(scope.now, |local| scope.clock.instant(local))),
        };
        Ok(message(DEFINITION.source, row.item_code.clone(), payload))
    }
}
