//! Batches as statements.

use sqlparser::{
    ast::Statement,
    dialect::MsSqlDialect,
    parser::{Parser, ParserError},
    tokenizer::Token,
};

use super::refused::{Bind, NOT_KNOWN, Refused, is_keyword};

/// The statements of a batch; between them a semicolon is not needed.
pub(crate) fn statements(batch: &str) -> Bind<Vec<Statement>> {
    let dialect = MsSqlDialect {};
    let mut parser = Parser::new(&dialect).try_with_sql(batch).map_err(|error| untokenized(&error))?;
    let mut statements = Vec::new();
    loop {
        while parser.consume_token(&Token::SemiColon) {}
        if parser.peek_token().token == Token::EOF {
            return Ok(statements);
        }
        let first = parser.peek_token().token;
        match parser.parse_statement() {
            Ok(statement) => statements.push(statement),
            Err(error) => {
                let is_word =
                    matches!(&first, Token::Word(word) if !is_keyword(&word.value) && !is_start(&word.value));
                if statements.is_empty()
                    && is_word
                    && let Some(called) = call(&mut parser)
                {
                    return Err(called);
                }
                return Err(refusal(&error, batch, &first));
            }
        }
    }
}

/// Words that begin statements without being reserved.
fn is_start(word: &str) -> bool {
    ["THROW", "GO", "WITH", "ENABLE", "DISABLE", "MERGE"].iter().any(|start| start.eq_ignore_ascii_case(word))
}

/// A batch may begin with the name of a procedure and its arguments.
fn call(parser: &mut Parser<'_>) -> Option<Refused> {
    while parser.peek_token().token != Token::EOF && parser.get_current_index() > 0 {
        parser.prev_token();
    }
    let mut parser = Parser::new(&MsSqlDialect {}).with_tokens_with_locations(all_tokens(parser)?);
    let name = parser.parse_object_name(false).ok()?;
    loop {
        match parser.next_token().token {
            Token::EOF | Token::SemiColon => break,
            Token::Word(word) if is_keyword(&word.value) && !word.value.eq_ignore_ascii_case("NULL") => {
                return None;
            }
            Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::Minus
            | Token::Eq => (),
            _ => return None,
        }
        match parser.next_token().token {
            Token::EOF | Token::SemiColon => break,
            Token::Comma | Token::Eq | Token::Number(..) => (),
            _ => return None,
        }
    }
    Some(Refused::missing_procedure(&name.to_string()))
}

fn all_tokens(parser: &Parser<'_>) -> Option<Vec<sqlparser::tokenizer::TokenWithSpan>> {
    let mut tokens = Vec::new();
    let mut index = 0;
    loop {
        let token = parser.token_at(index).clone();
        if token.token == Token::EOF {
            return (!tokens.is_empty()).then_some(tokens);
        }
        tokens.push(token);
        index += 1;
    }
}

fn untokenized(error: &ParserError) -> Refused {
    let text = error.to_string();
    if text.contains("Unterminated string") || text.contains("close delimiter") {
        Refused::new(105, "Unclosed quotation mark after the character string.")
    } else if text.contains("comment") {
        Refused::new(113, "Missing end comment mark '*/'.")
    } else {
        Refused::new(102, format!("Incorrect syntax: {text}"))
    }
}

/// What the parser does not know although it is T-SQL.
const BEYOND: [&str; 12] = [
    "BEGIN TRY",
    "END TRY",
    "OPTION",
    "+=",
    "-=",
    "EXEC",
    "PROCEDURE",
    "PROC",
    "TRY_PARSE",
    "WAITFOR",
    "CURSOR",
    "GOTO",
];

fn refusal(error: &ParserError, batch: &str, first: &Token) -> Refused {
    let text = error.to_string();
    let found =
        text.split("found: ").nth(1).and_then(|rest| rest.split(" at Line").next()).unwrap_or_default();
    let upper = batch.to_uppercase();
    let words = upper.split_whitespace().collect::<Vec<_>>().join(" ");
    if BEYOND.iter().any(|known| words.contains(known)) || !text.contains("found: ") {
        return Refused::new(
            NOT_KNOWN,
            format!("The stand-in for SQL Server cannot read this batch: {text}."),
        );
    }
    if found == "EOF" {
        let last = batch.trim_end().trim_end_matches(';').split_whitespace().last().unwrap_or_default();
        return Refused::new(102, format!("Incorrect syntax near '{last}'."));
    }
    let _ = first;
    Refused::syntax(found)
}
