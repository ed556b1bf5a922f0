//! `sys.dm_exec_describe_first_result_set`: the columns of a query that is not run.

use std::collections::HashMap;

use sqlparser::ast::{ConditionalStatements, Query, Statement};

use super::{
    bound::{Bound, Source},
    catalog::literal,
    errors::refusal,
    expression::Binder,
    query::as_source,
    refused::{Bind, not_known},
    result::{BoundQuery, OutColumn},
    syntax::statements,
    types::SqlType,
};

impl Binder<'_, '_> {
    /// Of a text, with the declarations of its parameters.
    pub(crate) fn described(&mut self, arguments: &[Bound], shown: &str) -> Bind<(String, Source)> {
        let [sql, declarations, ..] = arguments else {
            return Err(not_known("this form of dm_exec_describe_first_result_set"));
        };
        let sql = self.text_of(sql)?;
        let declarations = self.text_of(declarations)?;
        let parsed = statements(&sql)?;
        let Some(query) = parsed.iter().find_map(first_query) else {
            return Err(not_known("a description of what has no result"));
        };
        let variables = std::mem::replace(&mut self.variables, declared(&declarations)?);
        let ctes = std::mem::take(&mut self.ctes);
        let described = self.query(query, None, false);
        self.variables = variables;
        self.ctes = ctes;
        let rows: Vec<String> = described?
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let sql_type = match column.sql_type {
                    SqlType::Null => SqlType::Int,
                    other => other,
                };
                format!(
                    "(false, {}, {}::text, {}, {}::text)",
                    index + 1,
                    literal(&column.name),
                    column.nullable,
                    literal(&sql_type.to_string())
                )
            })
            .collect();
        let alias = self.alias();
        let column = |name: &str, sql_type| OutColumn {
            name: name.to_owned(),
            sql_type,
            nullable: true,
            is_identity: false,
        };
        let columns = vec![
            column("is_hidden", SqlType::Bit),
            column("column_ordinal", SqlType::Int),
            column("name", SqlType::nvarchar(128)),
            column("is_nullable", SqlType::Bit),
            column("system_type_name", SqlType::nvarchar(256)),
        ];
        let source = as_source(&BoundQuery { sql: String::new(), columns }, &alias, shown);
        let names = "c1, c2, c3, c4, c5";
        Ok((format!("(SELECT * FROM (VALUES {}) AS v ({names})) AS {alias}", rows.join(", ")), source))
    }

    fn text_of(&mut self, value: &Bound) -> Bind<String> {
        let row = self.catalog.client.query_one(&format!("SELECT CAST({} AS text)", value.sql), &[]);
        let text: Option<String> = row.map_err(|error| refusal(&error))?.get(0);
        Ok(text.unwrap_or_default())
    }
}

fn first_query(statement: &Statement) -> Option<&Query> {
    match statement {
        Statement::Query(query) => Some(query),
        Statement::If(branches) => match &branches.if_block.conditional_statements {
            ConditionalStatements::Sequence { statements } => statements.iter().find_map(first_query),
            ConditionalStatements::BeginEnd(block) => block.statements.iter().find_map(first_query),
        },
        _ => None,
    }
}

/// Parameters by name, each without a value.
fn declared(declarations: &str) -> Bind<HashMap<String, Bound>> {
    let mut parameters = HashMap::new();
    let mut depth = 0_u32;
    let parts = declarations.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => (),
        }
        c == ',' && depth == 0
    });
    for part in parts {
        let Some((name, of)) = part.trim().split_once(char::is_whitespace) else { continue };
        let of = SqlType::parsed(of)?;
        parameters
            .insert(name.to_lowercase(), Bound::new(format!("CAST(NULL AS {})", of.stored()), of, true));
    }
    Ok(parameters)
}
