//! Functions with one value: which there are, and those about the server.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::{
    aggregates::{is_aggregate, is_window},
    bound::{Bound, Scope},
    catalog::Reference,
    expression::{Binder, chosen},
    null_functions, number_functions,
    refused::{Bind, Refused, not_known},
    text_functions, time_functions,
    types::SqlType,
};

impl Binder<'_, '_> {
    pub(crate) fn function(&mut self, function: &Function, scope: &Scope<'_>) -> Bind<Bound> {
        let name = function.name.to_string();
        if function.name.0.len() > 1 {
            let name = Reference::of(&function.name)?;
            return Err(match self.catalog.module(&name)? {
                Some(_) => not_known(&format!("the function {name} outside FROM")),
                None => Refused::new(
                    4121,
                    format!(
                        "Cannot find either column \"{}\" or the user-defined function or aggregate \"{name}\", or the name is ambiguous.",
                        name.schema.as_deref().unwrap_or_default()
                    ),
                ),
            });
        }
        let lower = name.to_lowercase();
        if function.uses_odbc_syntax || function.filter.is_some() {
            return Err(not_known(&format!("this form of {name}")));
        }
        if is_aggregate(&lower) {
            return self.aggregate(function, &lower, scope);
        }
        if is_window(&lower) {
            return self.window_function(function, &lower, scope);
        }
        if function.over.is_some() || !function.within_group.is_empty() {
            return Err(not_known(&format!("{name} OVER")));
        }
        let mut arguments = Vec::new();
        match &function.args {
            FunctionArguments::None => (),
            FunctionArguments::Subquery(_) => return Err(not_known(&format!("this form of {name}"))),
            FunctionArguments::List(list) => {
                if !list.clauses.is_empty() || list.duplicate_treatment.is_some() {
                    return Err(not_known(&format!("this form of {name}")));
                }
                for arg in &list.args {
                    match arg {
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(expr),
                        other => return Err(not_known(&format!("the argument {other} of {name}"))),
                    }
                }
            }
        }
        self.plain_call(&name, &arguments, scope)
    }

    /// A function that is not an aggregate.
    pub(crate) fn plain_call(&mut self, name: &str, arguments: &[&Expr], scope: &Scope<'_>) -> Bind<Bound> {
        let lower = name.to_lowercase();
        if let ("iif", [condition, yes, no]) = (lower.as_str(), arguments) {
            let test = self.condition(condition, scope)?;
            let (yes, no) = (self.value(yes, scope)?, self.value(no, scope)?);
            return chosen(&[test], &[yes], &no);
        }
        if time_functions::has_part(&lower) {
            let Some((part, rest)) = arguments.split_first() else {
                return Err(Refused::arguments(&lower, "2 or 3"));
            };
            let part = match part {
                Expr::Identifier(part) => part.value.clone(),
                other => {
                    return Err(Refused::new(
                        1023,
                        format!("Invalid parameter 1 specified for {lower}: {other}."),
                    ));
                }
            };
            let values: Bind<Vec<Bound>> = rest.iter().map(|expr| self.value(expr, scope)).collect();
            return time_functions::with_part(&lower, &part, &values?);
        }
        let values: Bind<Vec<Bound>> = arguments.iter().map(|expr| self.value(expr, scope)).collect();
        let values = values?;
        if let Some(bound) = time_functions::called(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = null_functions::called(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = text_functions::called(&lower, &values, arguments)? {
            return Ok(bound);
        }
        if let Some(bound) = number_functions::called(&lower, &values)? {
            return Ok(bound);
        }
        if let Some(bound) = self.system(&lower, arguments)? {
            return Ok(bound);
        }
        if KNOWN_ELSEWHERE.contains(&lower.as_str()) {
            return Err(not_known(&format!("the function {name}")));
        }
        Err(Refused::new(195, format!("'{name}' is not a recognized built-in function name.")))
    }

    fn system(&mut self, name: &str, arguments: &[&Expr]) -> Bind<Option<Bound>> {
        let text_argument = |expr: &Expr| match expr {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) | Value::NationalStringLiteral(text) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        };
        let name_type = SqlType::nvarchar(128);
        Ok(Some(match (name, arguments) {
            ("db_name", []) => Bound::new(
                format!("{}::text", super::catalog::literal(self.catalog.database)),
                name_type,
                true,
            ),
            ("schema_name", []) => Bound::new("'dbo'::text", name_type, true),
            ("suser_sname" | "system_user" | "original_login", []) => {
                Bound::new(format!("'{}'::text", super::super::shared::LOGIN.0), name_type, true)
            }
            ("current_user" | "session_user" | "user_name" | "user", []) => {
                Bound::new("'dbo'::text", name_type, true)
            }
            ("newid", []) => Bound::new("gen_random_uuid()", SqlType::UniqueIdentifier, false),
            ("object_id", [of, kind @ ..]) if kind.len() <= 1 => {
                let (Some(of), kind) = (text_argument(of), kind.first().map(|kind| text_argument(kind)))
                else {
                    return Err(not_known("OBJECT_ID of anything but a text"));
                };
                self.object_id(&of, kind.flatten().as_deref())?
            }
            _ => return Ok(None),
        }))
    }

    fn object_id(&mut self, of: &str, kind: Option<&str>) -> Bind<Bound> {
        let dialect = sqlparser::dialect::MsSqlDialect {};
        let name = sqlparser::parser::Parser::new(&dialect)
            .try_with_sql(of)
            .and_then(|mut parser| parser.parse_object_name(false));
        let nothing = Bound::new("CAST(NULL AS integer)", SqlType::Int, true);
        let Ok(name) = name else { return Ok(nothing) };
        let name = Reference::of(&name)?;
        let wanted =
            |kinds: &[&str]| kind.is_none_or(|kind| kinds.contains(&kind.trim().to_uppercase().as_str()));
        if name.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case("dbo")) {
            return if name.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case("sys")) {
                Err(not_known("OBJECT_ID of the catalogue"))
            } else {
                Ok(nothing)
            };
        }
        if let Some(table) = self.catalog.table(&name)? {
            let stored = super::catalog::literal(&table.stored);
            return Ok(if wanted(&["U"]) {
                Bound::new(
                    format!("CAST(CAST({stored}::regclass AS oid) AS bigint)::integer"),
                    SqlType::Int,
                    true,
                )
            } else {
                nothing
            });
        }
        Ok(match self.catalog.module(&name)? {
            Some((found, _)) if wanted(if found == "view" { &["V"] } else { &["IF"] }) => Bound::new(
                format!(
                    "(SELECT 1000000000 + id FROM tsql.module WHERE name = {})",
                    super::catalog::literal(&name.name.to_lowercase())
                ),
                SqlType::Int,
                true,
            ),
            _ => nothing,
        })
    }
}

/// SQL Server has them, the stand-in has not.
const KNOWN_ELSEWHERE: [&str; 55] = [
    "rollup",
    "cube",
    "string_escape",
    "format",
    "hashbytes",
    "checksum",
    "binary_checksum",
    "soundex",
    "difference",
    "str",
    "parse",
    "try_parse",
    "rand",
    "json_query",
    "json_modify",
    "isjson",
    "json_object",
    "json_array",
    "sql_variant_property",
    "serverproperty",
    "databasepropertyex",
    "objectproperty",
    "columnproperty",
    "col_name",
    "col_length",
    "object_name",
    "db_id",
    "type_name",
    "type_id",
    "ident_current",
    "scope_identity",
    "session_context",
    "context_info",
    "host_name",
    "app_name",
    "has_perms_by_name",
    "error_number",
    "error_message",
    "error_severity",
    "error_state",
    "error_line",
    "error_procedure",
    "rowcount_big",
    "compress",
    "decompress",
    "newsequentialid",
    "approx_count_distinct",
    "checksum_agg",
    "grouping",
    "grouping_id",
    "percentile_cont",
    "percentile_disc",
    "timefromparts",
    "smalldatetimefromparts",
    "formatmessage",
];
