//! T-SQL to the SQL of PostgreSQL, by an allow-list: what is not known is refused by name, never passed on.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{
        BinaryOperator, CharacterLength, ConditionalStatements, CreateTable, DataType, ExactNumberInfo, Expr,
        Function, Ident, ObjectName, ObjectNamePart, OrderByExpr, Query, SetExpr, Statement as Parsed,
        TableFactor, UnaryOperator, Value, VisitMut, VisitorMut,
    },
    dialect::MsSqlDialect,
    parser::Parser,
};

/// Functions that mean the same in both.
const FUNCTIONS: [&str; 9] =
    ["coalesce", "nullif", "min", "max", "count", "row_number", "lead", "lag", "abs"];

/// A batch, or a part of one, that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) number: i32,
    pub(crate) message: String,
}

/// What is to be done for a statement of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statement {
    /// Has a result.
    Select(String),
    /// Has none.
    Run(String),
    /// Does nothing here, as `SET LOCK_TIMEOUT`.
    Nothing,
    /// The first whose condition holds; the last has none.
    Choose(Vec<(Option<String>, Vec<Statement>)>),
}

/// Translates a batch. `parameters` are literals by name, with `@`, in lower case.
pub(crate) fn batch(sql: &str, parameters: &[(String, String)]) -> Result<Vec<Statement>, Refused> {
    if is_session_setting(sql) {
        return Ok(vec![Statement::Nothing]);
    }
    let parsed = Parser::parse_sql(&MsSqlDialect {}, sql)
        .map_err(|error| Refused { number: 102, message: format!("Incorrect syntax: {error}") })?;
    parsed.into_iter().map(|statement| translated(statement, parameters)).collect()
}

/// Settings of a session that change nothing about results.
fn is_session_setting(sql: &str) -> bool {
    let words: Vec<String> = sql.split_whitespace().map(str::to_uppercase).collect();
    let text = words.join(" ");
    ["SET TRANSACTION ISOLATION LEVEL ", "SET LOCK_TIMEOUT ", "SET NOCOUNT "]
        .iter()
        .any(|known| text.starts_with(known))
        && !text.trim_end_matches(';').contains(';')
}

fn not_known(what: &str) -> Refused {
    Refused { number: 50_000, message: format!("The stand-in for SQL Server does not know {what}.") }
}

fn translated(statement: Parsed, parameters: &[(String, String)]) -> Result<Statement, Refused> {
    let mut statement = statement;
    match &mut statement {
        Parsed::Query(_) => Ok(Statement::Select(rewritten(&mut statement, parameters)?)),
        Parsed::CreateTable(table) => {
            create_table(table)?;
            // Nothing else is in it, and the columns of keys are no order of rows.
            Ok(Statement::Run(statement.to_string()))
        }
        Parsed::Insert(_) | Parsed::Delete(_) | Parsed::Drop { .. } => {
            Ok(Statement::Run(rewritten(&mut statement, parameters)?))
        }
        Parsed::If(condition) => {
            let else_block = condition.else_block.take();
            let blocks = std::iter::once(condition.if_block.clone()).chain(condition.elseif_blocks.drain(..));
            let mut branches = Vec::new();
            for block in blocks.chain(else_block) {
                let test = match block.condition {
                    Some(mut test) => Some(rewritten(&mut test, parameters)?),
                    None => None,
                };
                let ConditionalStatements::Sequence { statements } = block.conditional_statements else {
                    return Err(not_known("BEGIN … END"));
                };
                let statements: Result<Vec<_>, _> =
                    statements.into_iter().map(|statement| translated(statement, parameters)).collect();
                branches.push((test, statements?));
            }
            Ok(Statement::Choose(branches))
        }
        other => {
            let text = other.to_string();
            Err(not_known(text.split_whitespace().next().unwrap_or("this statement")))
        }
    }
}

fn rewritten<T: VisitMut + std::fmt::Display>(
    part: &mut T,
    parameters: &[(String, String)],
) -> Result<String, Refused> {
    let mut rewriting = Rewriting { parameters };
    match part.visit(&mut rewriting) {
        ControlFlow::Break(refused) => Err(*refused),
        ControlFlow::Continue(()) => Ok(part.to_string()),
    }
}

fn create_table(table: &mut CreateTable) -> Result<(), Refused> {
    for column in &mut table.columns {
        let collate = matches!(column.data_type, DataType::Varchar(_));
        let mut mapped = data_type(&column.data_type)?;
        if collate {
            mapped += " COLLATE dbo.sql_server";
        }
        column.data_type = verbatim(&mapped);
    }
    Ok(())
}

/// A type that is printed as it is.
fn verbatim(text: &str) -> DataType {
    DataType::Custom(ObjectName(vec![ObjectNamePart::Identifier(Ident::new(text))]), Vec::new())
}

fn data_type(of: &DataType) -> Result<String, Refused> {
    Ok(match of {
        DataType::BigInt(None) => "bigint".to_owned(),
        DataType::Int(None) | DataType::Integer(None) => "integer".to_owned(),
        DataType::Bit(None) => "boolean".to_owned(),
        DataType::Float(ExactNumberInfo::None) => "double precision".to_owned(),
        DataType::Date => "date".to_owned(),
        DataType::Varchar(Some(CharacterLength::Max)) => "text".to_owned(),
        DataType::Varchar(Some(CharacterLength::IntegerLength { length, .. })) => {
            format!("varchar({length})")
        }
        other => {
            let text = other.to_string().to_lowercase().replace(' ', "");
            match text.as_str() {
                "datetime2(0)" | "datetime2(1)" | "datetime2(2)" | "datetime2(3)" | "datetime2(4)"
                | "datetime2(5)" | "datetime2(6)" => text.replace("datetime2", "timestamp"),
                _ => return Err(not_known(&format!("the type {other}"))),
            }
        }
    })
}

struct Rewriting<'p> {
    parameters: &'p [(String, String)],
}

type Step = ControlFlow<Box<Refused>>;

fn refuse(what: &str) -> Step {
    ControlFlow::Break(Box::new(not_known(what)))
}

impl Rewriting<'_> {
    fn parameter(&self, name: &str) -> Result<Expr, Refused> {
        let found = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        match found {
            Some((_, literal)) => Ok(Expr::Identifier(Ident::new(literal.clone()))),
            None => {
                Err(Refused { number: 137, message: format!("Must declare the scalar variable \"{name}\".") })
            }
        }
    }
}

impl VisitorMut for Rewriting<'_> {
    type Break = Box<Refused>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Step {
        match query.body.as_ref() {
            SetExpr::Select(select) => {
                if select.top.is_some() || select.into.is_some() {
                    return refuse("TOP and INTO");
                }
            }
            SetExpr::SetOperation { .. } | SetExpr::Query(_) | SetExpr::Values(_) => (),
            _ => return refuse("this form of a query"),
        }
        if query.with.is_some() || query.fetch.is_some() || query.for_clause.is_some() {
            return refuse("WITH, FETCH and FOR");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Step {
        match factor {
            TableFactor::Table { args: None, with_hints, .. } if with_hints.is_empty() => {
                ControlFlow::Continue(())
            }
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            other => refuse(&format!("in FROM: {other}")),
        }
    }

    fn pre_visit_ident(&mut self, ident: &mut Ident) -> Step {
        if ident.quote_style == Some('[') {
            ident.quote_style = Some('"');
            ident.value = ident.value.to_lowercase();
        }
        ControlFlow::Continue(())
    }

    /// Nulls come first in SQL Server.
    fn pre_visit_order_by_expr(&mut self, order: &mut OrderByExpr) -> Step {
        let is_descending = order.options.to_string().to_uppercase().contains("DESC");
        order.options.nulls_first = Some(!is_descending);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Step {
        match expr {
            Expr::Identifier(name) if name.value.starts_with('@') => match self.parameter(&name.value) {
                Ok(literal) => *expr = literal,
                Err(refused) => return ControlFlow::Break(Box::new(refused)),
            },
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Nested(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::Between { .. }
            | Expr::In { .. }
            | Expr::Case { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_)
            | Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus, .. } => (),
            Expr::Value(value) => match &value.value {
                Value::Number(..) | Value::SingleQuotedString(_) | Value::Null => (),
                Value::NationalStringLiteral(text) => {
                    let text = text.clone();
                    value.value = Value::SingleQuotedString(text);
                }
                other => return refuse(&format!("the literal {other}")),
            },
            Expr::BinaryOp { op, .. } => match op {
                BinaryOperator::Eq
                | BinaryOperator::NotEq
                | BinaryOperator::Lt
                | BinaryOperator::LtEq
                | BinaryOperator::Gt
                | BinaryOperator::GtEq
                | BinaryOperator::And
                | BinaryOperator::Or => (),
                other => return refuse(&format!("the operator {other}")),
            },
            Expr::Cast { data_type: to, .. } => match data_type(to) {
                Ok(mapped) => *to = verbatim(&mapped),
                Err(refused) => return ControlFlow::Break(Box::new(refused)),
            },
            Expr::Function(function) => return function_is_known(function),
            other => return refuse(&format!("the expression {other}")),
        }
        ControlFlow::Continue(())
    }
}

fn function_is_known(function: &Function) -> Step {
    let name = function.name.to_string();
    if FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
        ControlFlow::Continue(())
    } else {
        refuse(&format!("the function {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(sql: &str) -> String {
        let parameters = [("@p1".to_owned(), "(7)".to_owned())];
        match batch(sql, &parameters).map(|statements| statements.into_iter().next()) {
            Ok(Some(Statement::Select(sql) | Statement::Run(sql))) => sql,
            other => panic!("{other:?}"),
        }
    }

    fn refused(sql: &str) -> String {
        batch(sql, &[]).unwrap_err().message
    }

    #[test]
    fn what_means_the_same_is_passed_on_with_parameters_types_and_the_order_of_nulls() {
        assert_eq!(
            select("SELECT u.[unit_no] FROM dbo.rpt_unit AS u WHERE u.unit_no > @P1 ORDER BY u.a, u.b DESC"),
            "SELECT u.\"unit_no\" FROM dbo.rpt_unit AS u WHERE u.unit_no > (7) ORDER BY u.a NULLS FIRST, u.b DESC NULLS LAST"
        );
        assert_eq!(
            select("SELECT CAST(u.d AS datetime2(0)) AS x, N'é' AS y FROM dbo.u AS u"),
            "SELECT CAST(u.d AS timestamp(0)) AS x, 'é' AS y FROM dbo.u AS u"
        );
        assert_eq!(
            select("CREATE TABLE dbo.t (a bigint NOT NULL, b varchar(max) NULL, c bit NOT NULL)"),
            "CREATE TABLE dbo.t (a bigint NOT NULL, b text COLLATE dbo.sql_server NULL, c boolean NOT NULL)"
        );
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        assert!(refused("SELECT GETDATE() AS x").contains("GETDATE"));
        assert!(refused("SELECT 'a' + 'b' AS x").contains('+'));
        assert!(refused("SELECT TOP (1) a FROM dbo.t").contains("TOP"));
        assert!(refused("SELECT a FROM dbo.t WITH (NOLOCK)").contains("NOLOCK"));
        assert!(refused("SELECT a FROM dbo.t WHERE a LIKE 'x%'").contains("LIKE"));
        assert!(refused("CREATE TABLE dbo.t (a nvarchar(5) NULL)").to_lowercase().contains("nvarchar"));
        assert!(
            refused("MERGE INTO dbo.t AS t USING dbo.u AS u ON t.a = u.a WHEN MATCHED THEN DELETE;")
                .contains("MERGE")
        );
        assert_eq!(batch("SELECT FROM WHERE", &[]).unwrap_err().number, 102);
        assert_eq!(batch("SELECT a FROM dbo.t WHERE a = @P9", &[]).unwrap_err().number, 137);
    }
}
