//! What the database knows about the tables of a schema, as text.

use diesel::PgConnection;

use crate::database::lines;

/// Every column, constraint, index and sequence of the first schema on the search path, one a line. Names of
/// constraints do not matter and are left out.
pub(crate) fn describe(connection: &mut PgConnection) -> Vec<String> {
    [columns(connection), constraints(connection), indexes(connection), sequences(connection)].concat()
}

fn columns(connection: &mut PgConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT format('%s: column %s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                       CASE WHEN a.attnotnull THEN ' not null' END,
                       ' default ' || pg_get_expr(d.adbin, d.adrelid)) AS line
         FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r'
           AND c.relname NOT LIKE '\\_\\_diesel%'
         ORDER BY c.relname, a.attname",
    )
}

fn constraints(connection: &mut PgConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT format('%s: %s', c.relname, pg_get_constraintdef(k.oid)) AS line
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
           AND c.relname NOT LIKE '\\_\\_diesel%'
         ORDER BY c.relname, 1",
    )
}

/// Indexes that no constraint owns.
fn indexes(connection: &mut PgConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT format('%s: %sindex %s (%s)%s', c.relname,
                       CASE WHEN i.indisunique THEN 'unique ' END, n.relname,
                       (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' ORDER BY k)
                        FROM generate_series(1, i.indnkeyatts) k),
                       ' where ' || pg_get_expr(i.indpred, i.indrelid, true)) AS line
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
         WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r'
           AND NOT EXISTS (SELECT FROM pg_constraint k
                           WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
         ORDER BY c.relname, n.relname",
    )
}

fn sequences(connection: &mut PgConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT format('sequence %s %s from %s by %s',
                       sequencename, data_type, start_value, increment_by) AS line
         FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1",
    )
}
