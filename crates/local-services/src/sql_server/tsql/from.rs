//! What stands in FROM: tables, views, functions, subqueries, joins and `APPLY`.

use sqlparser::{
    ast::{
        Expr, FunctionArg, FunctionArgExpr, Join, JoinConstraint, JoinOperator, ObjectName, Query,
        TableAlias, TableFactor, TableWithJoins,
    },
    dialect::MsSqlDialect,
    parser::Parser,
};

use super::{
    bound::{Bound, Column, Scope, Source, same},
    catalog::Reference,
    conversion::{Reason, converted},
    expression::Binder,
    query::{as_source, renamed},
    refused::{Bind, Refused, not_known},
    result::{BoundQuery, Cte, CteDefinition},
    types::{SqlType, Text},
};

const DEEPEST: u8 = 32;

impl Binder<'_, '_> {
    /// FROM as PostgreSQL has it, and what can be named there.
    pub(crate) fn from(
        &mut self,
        from: &[TableWithJoins],
        parent: Option<&Scope<'_>>,
    ) -> Bind<(String, Vec<Source>)> {
        let mut sql = String::new();
        let mut sources = Vec::new();
        for (index, tables) in from.iter().enumerate() {
            let (text, more) = self.joined_tables(tables, parent)?;
            sql += if index == 0 { " FROM " } else { " CROSS JOIN " };
            sql += &text;
            add(&mut sources, more)?;
        }
        Ok((sql, sources))
    }

    fn joined_tables(
        &mut self,
        tables: &TableWithJoins,
        parent: Option<&Scope<'_>>,
    ) -> Bind<(String, Vec<Source>)> {
        let (mut sql, mut sources) = self.factor(&tables.relation, parent)?;
        for join in &tables.joins {
            self.join(join, &mut sql, &mut sources, parent)?;
        }
        if !tables.joins.is_empty() {
            sql = format!("({sql})");
        }
        Ok((sql, sources))
    }

    fn join(
        &mut self,
        join: &Join,
        sql: &mut String,
        sources: &mut Vec<Source>,
        parent: Option<&Scope<'_>>,
    ) -> Bind<()> {
        let is_apply = matches!(join.join_operator, JoinOperator::CrossApply | JoinOperator::OuterApply);
        let (right, mut more) = if is_apply {
            // What is applied sees the rows to its left.
            let left = Scope { sources: sources.clone(), ..Scope::new(parent) };
            let (right, more) = self.factor(&join.relation, Some(&left))?;
            (if right.starts_with('(') { format!("LATERAL {right}") } else { right }, more)
        } else {
            self.factor(&join.relation, parent)?
        };
        let (word, constraint) = match &join.join_operator {
            JoinOperator::Join(on) | JoinOperator::Inner(on) => ("JOIN", Some(on)),
            JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => ("LEFT JOIN", Some(on)),
            JoinOperator::Right(on) | JoinOperator::RightOuter(on) => ("RIGHT JOIN", Some(on)),
            JoinOperator::FullOuter(on) => ("FULL JOIN", Some(on)),
            JoinOperator::CrossJoin(JoinConstraint::None) | JoinOperator::CrossApply => ("CROSS JOIN", None),
            JoinOperator::OuterApply => ("LEFT JOIN", None),
            other => return Err(not_known(&format!("the join {other:?}"))),
        };
        if matches!(word, "RIGHT JOIN" | "FULL JOIN") {
            make_nullable(sources);
        }
        if matches!(word, "LEFT JOIN" | "FULL JOIN") {
            make_nullable(&mut more);
        }
        add(sources, more)?;
        let condition = match constraint {
            None if word == "LEFT JOIN" => " ON true".to_owned(),
            None => String::new(),
            Some(JoinConstraint::On(condition)) => {
                let scope = Scope { sources: std::mem::take(sources), ..Scope::new(parent) };
                let condition = self.condition(condition, &scope)?;
                *sources = scope.sources;
                format!(" ON {condition}")
            }
            Some(JoinConstraint::None) => return Err(Refused::syntax("JOIN")),
            Some(_) => return Err(Refused::syntax("USING")),
        };
        *sql = format!("{sql} {word} {right}{condition}");
        Ok(())
    }

    fn factor(&mut self, factor: &TableFactor, parent: Option<&Scope<'_>>) -> Bind<(String, Vec<Source>)> {
        let (sql, source) = match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version: None,
                sample: None,
                json_path: None,
                with_ordinality: false,
                ..
            } => {
                for hint in with_hints {
                    known_hint(hint)?;
                }
                match args {
                    None => self.named(name, alias.as_ref())?,
                    Some(args) => self.table_function(name, &args.args, alias.as_ref(), parent)?,
                }
            }
            TableFactor::Function { name, args, alias, with_ordinality: false, .. } => {
                self.table_function(name, args, alias.as_ref(), parent)?
            }
            TableFactor::Derived { subquery, alias, sample: None, lateral: false } => {
                let Some(alias) = alias else { return Err(Refused::syntax(")")) };
                let query = self.query(subquery, parent, true)?;
                self.derived(query, alias)?
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                return self.joined_tables(table_with_joins, parent);
            }
            other => return Err(not_known(&format!("in FROM: {other}"))),
        };
        Ok((sql, vec![source]))
    }

    fn derived(&mut self, query: BoundQuery, alias: &TableAlias) -> Bind<(String, Source)> {
        let names: Vec<String> = alias.columns.iter().map(|column| column.name.value.clone()).collect();
        let columns = renamed(&query.columns, &names, &alias.name.value)?;
        let stored = self.alias();
        let query = BoundQuery { columns, ..query };
        let source = as_source(&query, &stored, &alias.name.value);
        Ok((format!("({}) AS {stored}", query.sql), source))
    }

    /// A table, a view, a common table expression or a table variable.
    fn named(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Bind<(String, Source)> {
        let name = Reference::of(name)?;
        if alias.is_some_and(|alias| !alias.columns.is_empty()) {
            return Err(not_known("names of columns after the name of a table"));
        }
        let shown = alias.map_or(name.name.clone(), |alias| alias.name.value.clone());
        if name.schema.is_none()
            && let Some(place) = self.ctes.iter().rposition(|cte| same(&cte.name, &name.name))
        {
            return self.cte(place, &shown);
        }
        let stored = self.alias();
        if let Some(table) = self.catalog.table(&name)? {
            let column = |column: &super::catalog::TableColumn| Column {
                name: column.name.clone(),
                bound: Bound::new(
                    match column.sql_type {
                        // So that texts have the collation of expressions, and one type.
                        SqlType::Text(_) => format!("{stored}.{}::text", column.stored),
                        _ => format!("{stored}.{}", column.stored),
                    },
                    column.sql_type,
                    column.nullable,
                ),
            };
            let columns = table.columns.iter().map(column).collect();
            let sql = format!("{} AS {stored}", table.stored);
            let source =
                Source { name: shown, is_alias: alias.is_some(), alias: stored, columns, table: Some(table) };
            return Ok((sql, source));
        }
        match self.catalog.module(&name)? {
            Some((kind, definition)) if kind == "view" => {
                let query = self.module(&name, &definition, &[])?;
                let source = as_source(&query, &stored, &shown);
                Ok((format!("({}) AS {stored}", query.sql), source))
            }
            Some(_) => {
                Err(Refused::new(216, format!("Parameters were not supplied for the function '{name}'.")))
            }
            None => Err(name.missing()),
        }
    }

    fn cte(&mut self, place: usize, shown: &str) -> Bind<(String, Source)> {
        let Some(Cte { name, columns, definition }) = self.ctes.get(place).cloned() else {
            return Err(not_known("this common table expression"));
        };
        let alias = self.alias();
        let query = match definition {
            CteDefinition::Recursive(stored, columns) => {
                if self.in_step {
                    self.level = Some(format!("{alias}.level"));
                }
                BoundQuery { sql: format!("SELECT * FROM {stored}"), columns }
            }
            CteDefinition::Plain(query, before) => {
                // It sees the ones before it only.
                let later = self.ctes.split_off(before);
                let query = self.query(&query, None, true);
                self.ctes.truncate(before);
                self.ctes.extend(later);
                let query = query?;
                let columns = renamed(&query.columns, &columns, &name)?;
                BoundQuery { columns, ..query }
            }
        };
        let source = as_source(&query, &alias, shown);
        Ok((format!("({}) AS {alias}", query.sql), source))
    }

    fn table_function(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        parent: Option<&Scope<'_>>,
    ) -> Bind<(String, Source)> {
        let name = Reference::of(name)?;
        let scope = Scope::new(parent);
        let mut values = Vec::new();
        for arg in args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => values.push(self.value(expr, &scope)?),
                other => return Err(not_known(&format!("the argument {other}"))),
            }
        }
        let shown = alias.map_or(name.name.clone(), |alias| alias.name.value.clone());
        if name.schema.is_none() && same(&name.name, "string_split") {
            return self.string_split(&values, &shown);
        }
        if name.schema.as_deref().is_some_and(|schema| same(schema, "sys"))
            && same(&name.name, "dm_exec_describe_first_result_set")
        {
            return self.described(&values, &shown);
        }
        let query = match self.catalog.module(&name)? {
            Some((kind, definition)) if kind == "function" => self.module(&name, &definition, &values)?,
            _ if name.schema.is_none() => return Err(not_known(&format!("the function {name}"))),
            _ => return Err(name.missing()),
        };
        let stored = self.alias();
        let mut query = query;
        if let Some(alias) = alias.filter(|alias| !alias.columns.is_empty()) {
            let names: Vec<String> = alias.columns.iter().map(|column| column.name.value.clone()).collect();
            query.columns = renamed(&query.columns, &names, &shown)?;
        }
        let source = as_source(&query, &stored, &shown);
        Ok((format!("({}) AS {stored}", query.sql), source))
    }

    fn string_split(&mut self, values: &[Bound], shown: &str) -> Bind<(String, Source)> {
        let [text, separator] = values else { return Err(not_known("this form of STRING_SPLIT")) };
        let (Some(kind), true) = (text.sql_type.text(), separator.sql_type.is_text()) else {
            return Err(not_known("this form of STRING_SPLIT"));
        };
        let stored = self.alias();
        let sql =
            format!("(SELECT unnest(string_to_array({}, {})) AS c1) AS {stored}", text.sql, separator.sql);
        let kind = SqlType::Text(Text { fixed: false, ..kind });
        let query = BoundQuery {
            sql: String::new(),
            columns: vec![super::result::OutColumn {
                name: "value".to_owned(),
                sql_type: kind,
                nullable: true,
                is_identity: false,
            }],
        };
        Ok((sql, as_source(&query, &stored, shown)))
    }

    /// The query of a view or a function, with its arguments.
    fn module(&mut self, name: &Reference, definition: &str, arguments: &[Bound]) -> Bind<BoundQuery> {
        if self.depth >= DEEPEST {
            return Err(Refused::new(
                217,
                "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).",
            ));
        }
        let module = Module::parsed(definition)?;
        if arguments.len() != module.parameters.len() {
            let (number, which) = if arguments.len() < module.parameters.len() {
                (313, "An insufficient number of")
            } else {
                (8144, "Too many")
            };
            return Err(Refused::new(
                number,
                format!("{which} arguments were supplied for the procedure or function {name}."),
            ));
        }
        let mut parameters = std::collections::HashMap::new();
        for ((parameter, sql_type), argument) in module.parameters.iter().zip(arguments) {
            let mut value = converted(argument, *sql_type, Reason::Implicit)?;
            value.nullable = true;
            value.literal_digits = None;
            parameters.insert(parameter.to_lowercase(), value);
        }
        let variables = std::mem::replace(&mut self.variables, parameters);
        let ctes = std::mem::take(&mut self.ctes);
        self.depth += 1;
        let query = self.query(&module.query, None, true);
        self.depth -= 1;
        self.variables = variables;
        self.ctes = ctes;
        let query = query?;
        let columns = renamed(&query.columns, &module.columns, &name.name)?;
        Ok(BoundQuery { columns, ..query })
    }
}

/// A view or a function.
pub(crate) struct Module {
    pub(crate) parameters: Vec<(String, SqlType)>,
    pub(crate) columns: Vec<String>,
    pub(crate) query: Query,
}

impl Module {
    /// From the statement that creates it.
    pub(crate) fn parsed(definition: &str) -> Bind<Self> {
        use sqlparser::ast::{CreateFunctionBody, Statement};
        let parsed = Parser::parse_sql(&MsSqlDialect {}, definition)
            .map_err(|error| Refused::new(102, format!("Incorrect syntax: {error}")))?;
        match parsed.into_iter().next() {
            Some(Statement::CreateView(view)) => {
                let columns = view.columns.iter().map(|column| column.name.value.clone()).collect();
                Ok(Self { parameters: Vec::new(), columns, query: *view.query })
            }
            Some(Statement::CreateFunction(function)) => {
                let mut parameters = Vec::new();
                for parameter in function.args.unwrap_or_default() {
                    if parameter.default_expr.is_some() {
                        return Err(not_known("defaults of parameters"));
                    }
                    let name = parameter.name.map(|name| name.value).unwrap_or_default();
                    parameters.push((name, SqlType::declared(&parameter.data_type, 1)?));
                }
                let query = match function.function_body {
                    Some(CreateFunctionBody::AsReturnExpr(Expr::Subquery(query))) => *query,
                    Some(CreateFunctionBody::AsReturnSelect(select)) => Query {
                        with: None,
                        body: Box::new(sqlparser::ast::SetExpr::Select(Box::new(select))),
                        order_by: None,
                        limit_clause: None,
                        fetch: None,
                        locks: Vec::new(),
                        for_clause: None,
                        settings: None,
                        format_clause: None,
                        pipe_operators: Vec::new(),
                    },
                    _ => return Err(not_known("functions other than RETURNS TABLE AS RETURN (SELECT …)")),
                };
                Ok(Self { parameters, columns: Vec::new(), query })
            }
            _ => Err(not_known("this definition")),
        }
    }
}

/// Hints that change no result here.
fn known_hint(hint: &Expr) -> Bind<()> {
    let hint = hint.to_string().to_lowercase();
    let known = [
        "nolock",
        "readuncommitted",
        "readcommitted",
        "holdlock",
        "rowlock",
        "paglock",
        "tablock",
        "updlock",
    ];
    if known.contains(&hint.as_str()) { Ok(()) } else { Err(not_known(&format!("the hint {hint}"))) }
}

fn make_nullable(sources: &mut [Source]) {
    for column in sources.iter_mut().flat_map(|source| &mut source.columns) {
        column.bound.nullable = true;
    }
}

fn add(sources: &mut Vec<Source>, more: Vec<Source>) -> Bind<()> {
    for source in more {
        if let Some(other) = sources.iter().find(|other| same(&other.name, &source.name)) {
            return Err(if source.is_alias || other.is_alias {
                Refused::new(
                    1011,
                    format!(
                        "The correlation name '{}' is specified multiple times in a FROM clause.",
                        source.name
                    ),
                )
            } else {
                Refused::new(
                    1013,
                    format!(
                        "The objects \"{0}\" and \"{0}\" in the FROM clause have the same exposed names. Use correlation names to distinguish them.",
                        source.name
                    ),
                )
            });
        }
        sources.push(source);
    }
    Ok(())
}
