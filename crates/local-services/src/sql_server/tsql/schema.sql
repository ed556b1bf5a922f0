-- What T-SQL has and PostgreSQL has not, in a schema of its own. Functions that may fail are stable, so that PostgreSQL does
-- not run them while it plans a query that may never come to them.
-- Functions use others that come later.
SET check_function_bodies TO off;
CREATE SCHEMA IF NOT EXISTS dbo;
CREATE SCHEMA tsql;
CREATE COLLATION tsql.ci_as (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION tsql.ci_ai (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
CREATE COLLATION tsql.cs_as (provider = icu, locale = 'und', deterministic = false);
-- A datetimeoffset: the instant, and the minutes by which its clock differs from UTC.
CREATE TYPE tsql.moment AS (utc timestamp, minutes integer);
-- Views and functions, as they were written.
CREATE TABLE tsql.module (id serial PRIMARY KEY, name text NOT NULL UNIQUE, kind text NOT NULL, definition text NOT NULL);

CREATE FUNCTION tsql.raise(number integer, message text) RETURNS void STABLE LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = 'TSQL0', MESSAGE = message, DETAIL = number::text; END $$;

CREATE FUNCTION tsql.unknown(what text) RETURNS void STABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM tsql.raise(50000, 'The stand-in for SQL Server does not know ' || what || '.'); END $$;

-- Texts -------------------------------------------------------------------------------------------------------------

-- Characters outside the basic plane count twice in SQL Server; they are counted, but not cut.
CREATE FUNCTION tsql.units(t text) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT length(t) + CASE WHEN t ~ '[^\u0001-\uffff]' THEN length(regexp_replace(t, '[\u0001-\uffff]', '', 'g')) ELSE 0 END $$;

CREATE FUNCTION tsql.plain(t text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t ~ '[^\u0001-\uffff]' THEN PERFORM tsql.unknown('cutting texts with characters outside the basic plane'); END IF;
    RETURN t;
END $$;

-- Windows-1252; what it lacks becomes a question mark unless it might be replaced by something similar.
CREATE FUNCTION tsql.narrow(t text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t !~ '[^\u0001-\u007f]' OR t !~ '[^\u0001-\u007f\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]' THEN RETURN t; END IF;
    t := regexp_replace(t, '[\u2e80-\ufaff]', '?', 'g');
    IF t ~ '[^\u0001-\u007f\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]' THEN
        PERFORM tsql.unknown('what becomes of characters that varchar lacks');
    END IF;
    RETURN t;
END $$;

CREATE FUNCTION tsql.fits(t text, most integer, bytes integer) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF tsql.units(t) > most THEN
        IF tsql.units(rtrim(t, ' ')) > most THEN
            PERFORM tsql.raise(2628, 'String or binary data would be truncated. Truncated value: ''' || left(t, most) || '''.');
        END IF;
        RETURN left(t, most);
    END IF;
    RETURN t;
END $$;

CREATE FUNCTION tsql.substring(t text, start bigint, count bigint) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF count < 0 THEN PERFORM tsql.raise(537, 'Invalid length parameter passed to the LEFT or SUBSTRING function.'); END IF;
    IF start + count <= 1 THEN RETURN ''; END IF;
    RETURN substr(t, greatest(start, 1)::integer, least(start + count - greatest(start, 1), 2147483647)::integer);
END $$;

CREATE FUNCTION tsql.cut(t text, count bigint, from_left boolean) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF count < 0 THEN
        IF from_left THEN PERFORM tsql.raise(537, 'Invalid length parameter passed to the LEFT or SUBSTRING function.'); END IF;
        PERFORM tsql.raise(536, 'Invalid length parameter passed to the RIGHT function.');
    END IF;
    IF count = 0 THEN RETURN ''; END IF;
    RETURN CASE WHEN from_left THEN left(t, least(count, 2147483647)::integer)
        ELSE right(t, least(count, 2147483647)::integer) END;
END $$;

CREATE FUNCTION tsql.stuff(t text, start bigint, count bigint, put text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
SELECT CASE WHEN start IS NULL OR count IS NULL OR start < 1 OR count < 0 OR start > length(t) THEN NULL
    ELSE left(t, (start - 1)::integer) || coalesce(put, '') || substr(t, least(start + count, 2147483647)::integer) END $$;

CREATE FUNCTION tsql.quoted_pattern(t text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT regexp_replace(t COLLATE "und-x-icu", '([^[:alnum:][:space:]])', '\\\1', 'g') $$;

CREATE FUNCTION tsql.replace(t text, what text, put text, minds_case boolean) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN what = '' THEN t WHEN minds_case THEN replace(t, what, put)
    ELSE regexp_replace(t COLLATE "und-x-icu", tsql.quoted_pattern(what), replace(put, '\', '\\'), 'gi') END $$;

CREATE FUNCTION tsql.charindex(what text, t text, start bigint, minds_case boolean) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN what = '' THEN 0 ELSE
    coalesce(nullif(strpos(CASE WHEN minds_case THEN substr(t, greatest(start, 1)::integer) ELSE lower(substr(t, greatest(start, 1)::integer) COLLATE "und-x-icu") END,
        CASE WHEN minds_case THEN what ELSE lower(what COLLATE "und-x-icu") END), 0) + greatest(start, 1)::integer - 1, 0) END $$;

CREATE FUNCTION tsql.quotename(t text, quote text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN length(t) > 128 THEN NULL
    WHEN quote IN ('[', ']') THEN '[' || replace(t, ']', ']]') || ']'
    WHEN quote IN ('(', ')') THEN '(' || replace(t, ')', '))') || ')'
    WHEN quote IN ('<', '>') THEN '<' || replace(t, '>', '>>') || '>'
    WHEN quote IN ('{', '}') THEN '{' || replace(t, '}', '}}') || '}'
    WHEN quote IN ('''', '"', '`') THEN quote || replace(t, quote, quote || quote) || quote END $$;

-- A pattern of LIKE as a regular expression; NULL matches nothing.
CREATE FUNCTION tsql.pattern(p text, escape text, ignores_blanks boolean, t text) RETURNS text STABLE LANGUAGE plpgsql AS $$
DECLARE
    result text := '';
    i integer := 1;
    c text; set_ text; closed boolean; negated boolean; j integer; a text; b text;
BEGIN
    WHILE i <= length(p) LOOP
        c := substr(p, i, 1);
        IF escape IS NOT NULL AND c = escape THEN
            IF i = length(p) THEN RETURN NULL; END IF;
            i := i + 1;
            result := result || tsql.quoted_pattern(substr(p, i, 1));
        ELSIF c = '%' THEN result := result || '.*';
        ELSIF c = '_' THEN result := result || '.';
        ELSIF c = '[' THEN
            j := i + 1; negated := false; set_ := ''; closed := false;
            IF substr(p, j, 1) = '^' THEN negated := true; j := j + 1; END IF;
            WHILE j <= length(p) LOOP
                a := substr(p, j, 1);
                IF a = ']' THEN closed := true; EXIT; END IF;
                IF escape IS NOT NULL AND a = escape THEN j := j + 1; a := substr(p, j, 1); END IF;
                IF substr(p, j + 1, 1) = '-' AND substr(p, j + 2, 1) NOT IN ('', ']') THEN
                    b := substr(p, j + 2, 1);
                    j := j + 2;
                    IF a ~ '[^0-9]' OR b ~ '[^0-9]' THEN
                        IF t ~ '[^\u0001-\u007f]' OR (a || b) !~ '^[a-zA-Z]{2}$' THEN
                            PERFORM tsql.unknown('such a range of characters in LIKE');
                        END IF;
                        a := lower(a); b := lower(b);
                    END IF;
                    IF a <= b COLLATE "C" THEN set_ := set_ || a || '-' || b; END IF;
                ELSE
                    set_ := set_ || CASE WHEN a COLLATE "und-x-icu" ~ '[[:alnum:][:space:]]' THEN a ELSE '\' || a END;
                END IF;
                j := j + 1;
            END LOOP;
            IF NOT closed THEN RETURN NULL; END IF;
            IF set_ = '' THEN
                IF NOT negated THEN RETURN NULL; END IF;
                result := result || '.';
            ELSE
                result := result || '[' || CASE WHEN negated THEN '^' ELSE '' END || set_ || ']';
            END IF;
            i := j;
        ELSE result := result || tsql.quoted_pattern(c);
        END IF;
        i := i + 1;
    END LOOP;
    RETURN result || CASE WHEN ignores_blanks THEN ' *' ELSE '' END;
END $$;

CREATE FUNCTION tsql.like_(t text, p text, escape text, ignores_blanks boolean, minds_case boolean) RETURNS boolean STABLE LANGUAGE sql AS $$
SELECT CASE WHEN t IS NULL OR p IS NULL THEN NULL
    ELSE coalesce((t COLLATE "und-x-icu") ~ (CASE WHEN minds_case THEN '' ELSE '(?i)' END || '^(?:' || tsql.pattern(p, escape, ignores_blanks, t) || ')$'), false) END $$;

CREATE FUNCTION tsql.patindex(p text, t text, minds_case boolean) RETURNS integer STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    starts_open boolean := left(p, 1) = '%';
    body text := CASE WHEN left(p, 1) = '%' THEN substr(p, 2) ELSE p END;
BEGIN
    FOR i IN 1 .. CASE WHEN starts_open THEN greatest(length(t), 1) ELSE 1 END LOOP
        IF tsql.like_(substr(t, i), body, NULL, false, minds_case) THEN RETURN i; END IF;
    END LOOP;
    RETURN 0;
END $$;

-- Numbers -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION tsql.tiny(n numeric, kind text) RETURNS smallint STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF kind = 'tinyint' AND (n < 0 OR n > 255) OR n < -32768 OR n > 32767 THEN
        PERFORM tsql.raise(220, 'Arithmetic overflow error for data type ' || kind || ', value = ' || n || '.');
    END IF;
    RETURN n::smallint;
END $$;

CREATE FUNCTION tsql.tiny_sum(n integer) RETURNS smallint STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF n < 0 OR n > 255 THEN PERFORM tsql.raise(8115, 'Arithmetic overflow error converting expression to data type tinyint.'); END IF;
    RETURN n::smallint;
END $$;

CREATE FUNCTION tsql.whole(n numeric, kind text) RETURNS bigint STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    n := trunc(n);
    IF (CASE kind WHEN 'tinyint' THEN n < 0 OR n > 255 WHEN 'smallint' THEN n < -32768 OR n > 32767
        WHEN 'int' THEN n < -2147483648 OR n > 2147483647 ELSE n < -9223372036854775808 OR n > 9223372036854775807 END)
    THEN PERFORM tsql.raise(8115, 'Arithmetic overflow error converting expression to data type ' || kind || '.'); END IF;
    RETURN n::bigint;
END $$;

CREATE FUNCTION tsql.text_to_whole(t text, kind text, of text) RETURNS bigint STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    s text := regexp_replace(t, '^[ \t\r\n]+|[ \t\r\n]+$', '', 'g');
    n numeric;
BEGIN
    IF s = '' THEN RETURN 0; END IF;
    IF s !~ '^[+-]?[ ]*[0-9]+$' THEN
        IF kind = 'bigint' THEN PERFORM tsql.raise(8114, 'Error converting data type ' || of || ' to bigint.'); END IF;
        PERFORM tsql.raise(245, 'Conversion failed when converting the ' || of || ' value ''' || t || ''' to data type ' || kind || '.');
    END IF;
    n := replace(s, ' ', '')::numeric;
    IF kind = 'bigint' AND (n < -9223372036854775808 OR n > 9223372036854775807) THEN
        PERFORM tsql.raise(8115, 'Arithmetic overflow error converting expression to data type bigint.');
    ELSIF kind = 'int' AND (n < -2147483648 OR n > 2147483647) THEN
        PERFORM tsql.raise(248, 'The conversion of the ' || of || ' value ''' || t || ''' overflowed an int column.');
    ELSIF kind = 'smallint' AND (n < -32768 OR n > 32767) OR kind = 'tinyint' AND (n < 0 OR n > 255) THEN
        PERFORM tsql.raise(244, 'The conversion of the ' || of || ' value ''' || t || ''' overflowed an ' || CASE kind WHEN 'tinyint' THEN 'INT1' ELSE 'INT2' END || ' column.');
    END IF;
    RETURN n::bigint;
END $$;

CREATE FUNCTION tsql.text_to_bit(t text, of text) RETURNS boolean STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE s text := lower(trim(t));
BEGIN
    IF s = 'true' THEN RETURN true; ELSIF s IN ('false', '') THEN RETURN false; END IF;
    IF s !~ '^[+-]?[0-9]+$' THEN
        PERFORM tsql.raise(245, 'Conversion failed when converting the ' || of || ' value ''' || t || ''' to data type bit.');
    END IF;
    RETURN s::numeric <> 0;
END $$;

CREATE FUNCTION tsql.text_to_decimal(t text, precision_ integer, scale integer, of text) RETURNS numeric STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE s text := trim(t); n numeric;
BEGIN
    IF s !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$' THEN
        PERFORM tsql.raise(8114, 'Error converting data type ' || of || ' to numeric.');
    END IF;
    n := round(s::numeric, scale);
    IF abs(n) >= 10::numeric ^ (precision_ - scale) THEN
        PERFORM tsql.raise(8115, 'Arithmetic overflow error converting ' || of || ' to data type numeric.');
    END IF;
    RETURN n;
END $$;

CREATE FUNCTION tsql.text_to_money(t text, of text) RETURNS numeric STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE s text := replace(trim(t), ',', '');
BEGIN
    s := regexp_replace(s, '^([+-]?)[$£€]', '\1');
    IF s = '' THEN RETURN 0; END IF;
    IF s !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$' THEN
        PERFORM tsql.raise(235, 'Cannot convert a char value to money. The char value has incorrect syntax.');
    END IF;
    RETURN tsql.decimal(s::numeric, 19, 4);
END $$;

CREATE FUNCTION tsql.text_to_float(t text, of text, kind text) RETURNS double precision STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE s text := trim(t);
BEGIN
    IF s = '' THEN RETURN 0; END IF;
    IF s !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eEdD][+-]?[0-9]+)?$' THEN
        PERFORM tsql.raise(8114, 'Error converting data type ' || of || ' to ' || kind || '.');
    END IF;
    RETURN translate(s, 'dD', 'ee')::double precision;
END $$;

CREATE FUNCTION tsql.decimal(n numeric, precision_ integer, scale integer) RETURNS numeric STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    n := round(n, scale);
    IF abs(n) >= 10::numeric ^ (precision_ - scale) THEN
        PERFORM tsql.raise(8115, 'Arithmetic overflow error converting expression to data type numeric.');
    END IF;
    RETURN n;
END $$;

-- Quotients are cut, not rounded.
CREATE FUNCTION tsql.divide(a numeric, b numeric, precision_ integer, scale integer) RETURNS numeric STABLE STRICT LANGUAGE sql AS $$
SELECT tsql.decimal(div(a * 10::numeric ^ scale, b) * round(10::numeric ^ -scale, scale), precision_, scale) $$;

CREATE FUNCTION tsql.round(n numeric, digits integer, cuts boolean) RETURNS numeric IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN cuts THEN trunc(n, digits) ELSE round(n, digits) END $$;

CREATE FUNCTION tsql.round_float(n double precision, digits integer, cuts boolean) RETURNS double precision IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN n = 0 OR abs(n) >= 1e15 OR digits > 15 THEN n ELSE tsql.round(n::numeric, digits, cuts)::double precision END $$;

CREATE FUNCTION tsql.power(a double precision, b double precision) RETURNS double precision STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF a = 0 AND b < 0 THEN PERFORM tsql.raise(8134, 'Divide by zero error encountered.'); END IF;
    IF a < 0 AND b <> trunc(b) THEN PERFORM tsql.raise(3623, 'An invalid floating point operation occurred.'); END IF;
    RETURN a ^ b;
END $$;

CREATE FUNCTION tsql.of_range(n double precision, least_ double precision, open boolean) RETURNS double precision STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF n < least_ OR open AND n = least_ THEN PERFORM tsql.raise(3623, 'An invalid floating point operation occurred.'); END IF;
    RETURN n;
END $$;

CREATE FUNCTION tsql.number_to_text(n numeric, most integer, star boolean, kind text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE s text := n::text;
BEGIN
    IF most IS NOT NULL AND length(s) > most THEN
        IF star THEN RETURN '*'; END IF;
        PERFORM tsql.raise(8115, 'Arithmetic overflow error converting ' || kind || ' to data type varchar.');
    END IF;
    RETURN s;
END $$;

CREATE FUNCTION tsql.float_to_text(n double precision, most integer) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE e integer; s text; m numeric;
BEGIN
    IF n = 0 THEN RETURN '0'; END IF;
    s := to_char(n::numeric, '9.99999EEEE');
    m := split_part(s, 'e', 1)::numeric;
    e := split_part(s, 'e', 2)::integer;
    IF e < -4 OR e >= 6 THEN
        s := trim_scale(m)::text || 'e' || CASE WHEN e < 0 THEN '-' ELSE '+' END || lpad(abs(e)::text, 3, '0');
    ELSE
        s := trim_scale(round(n::numeric, 5 - e))::text;
    END IF;
    IF most IS NOT NULL AND length(s) > most THEN
        PERFORM tsql.raise(232, 'Arithmetic overflow error for type varchar, value = ' || s || '.');
    END IF;
    RETURN s;
END $$;

CREATE FUNCTION tsql.isnumeric(t text) RETURNS integer STABLE LANGUAGE sql AS $$
SELECT CASE WHEN trim(t) ~ '^[+-]?[$£€]?([0-9][0-9,]*\.?[0-9]*|\.[0-9]+)([eEdD][+-]?[0-9]{1,3})?$'
        OR trim(t) ~ '^([+-]|\.|,|[$£€]|[+-]\.)$' THEN 1 ELSE 0 END $$;

-- Times -------------------------------------------------------------------------------------------------------------

CREATE FUNCTION tsql.no_time(t text, old boolean) RETURNS void STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF old THEN
        PERFORM tsql.raise(242, 'The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.');
    END IF;
    PERFORM tsql.raise(241, 'Conversion failed when converting date and/or time from character string.');
END $$;

-- The parts of a text: year, month, day, seconds of the day, minutes of the offset. `old` is datetime.
CREATE FUNCTION tsql.parts(t text, style integer, old boolean, OUT day date, OUT seconds numeric, OUT minutes integer)
STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    s text := trim(t); m text[]; y integer; mo integer; d integer; clock text; names text := 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
    full_names text := '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
BEGIN
    day := date '1900-01-01'; seconds := 0;
    IF s = '' THEN RETURN; END IF;
    m := regexp_match(s, '^(\d{4})-(\d{1,2})-(\d{1,2})(?:$|[T ]+(.*)$)', 'i');
    IF m IS NULL THEN m := regexp_match(s, '^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:$| +(.*)$)'); END IF;
    IF m IS NULL AND style IN (0, 112, 120, 121, 126, 127, 23, 20, 21) THEN
        m := regexp_match(s, '^(\d{4})(\d{2})(\d{2})(?:$| +(.*)$)');
    END IF;
    IF m IS NOT NULL THEN
        IF style IN (101, 103, 104, 105, 110) THEN PERFORM tsql.no_time(t, false); END IF;
        y := m[1]; mo := m[2]; d := m[3]; clock := m[4];
        IF s ~* '^\d{4}-\d{1,2}-\d{1,2}T' AND NOT s ~* '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d|Z|[+-]|$)' THEN PERFORM tsql.no_time(t, false); END IF;
        IF old AND s ~* '^\d{4}-\d{1,2}-\d{1,2}T\d\d:\d\d$' THEN PERFORM tsql.no_time(t, false); END IF;
    ELSE
        m := regexp_match(s, '^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:$| +(.*)$)');
        IF m IS NOT NULL THEN
            y := m[3]; clock := m[4];
            IF style IN (103, 104, 105) THEN d := m[1]; mo := m[2];
            ELSIF style IN (0, 101, 110) THEN mo := m[1]; d := m[2];
            ELSE PERFORM tsql.no_time(t, false);
            END IF;
        ELSE
            m := regexp_match(s, '^' || full_names || ' +(\d{1,2}),? +(\d{4})(?:$| +(.*)$)', 'i');
            IF m IS NOT NULL THEN
                mo := 1 + strpos(names, lower(left(m[1], 3))) / 4; d := m[2]; y := m[3]; clock := m[4];
            ELSE
                m := regexp_match(s, '^(\d{1,2})[ -]+' || full_names || ',?[ -]+(\d{4})(?:$| +(.*)$)', 'i');
                IF m IS NOT NULL THEN
                    d := m[1]; mo := 1 + strpos(names, lower(left(m[2], 3))) / 4; y := m[3]; clock := m[4];
                ELSIF s ~* '^\d{1,2}:\d{1,2}' OR s ~* '^\d{1,2} ?[ap]m$' THEN clock := s;
                ELSIF s ~ '\d' AND s ~* ('(^\d{1,8}$|' || names || '|\d[-/.]\d|^\d+-?W)') THEN
                    PERFORM tsql.unknown('dates written as ' || quote_literal(t));
                ELSE PERFORM tsql.no_time(t, false);
                END IF;
            END IF;
        END IF;
    END IF;
    IF y IS NOT NULL THEN
        IF y < 1 OR mo NOT BETWEEN 1 AND 12 OR d < 1
            OR d > extract(day FROM make_date(y, mo, 1) + interval '1 month' - interval '1 day') THEN
            PERFORM tsql.no_time(t, old);
        END IF;
        IF old AND y < 1753 THEN PERFORM tsql.no_time(t, old); END IF;
        day := make_date(y, mo, d);
    END IF;
    clock := trim(clock);
    IF coalesce(clock, '') = '' THEN RETURN; END IF;
    m := regexp_match(clock, '^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)? ?([ap]m)? ?(Z|[+-]\d{2}:\d{2})?$', 'i');
    IF m IS NULL OR m[2] IS NULL AND m[5] IS NULL OR old AND (length(m[4]) > 3 OR upper(m[6]) <> 'Z') OR length(m[4]) > 7 THEN
        PERFORM tsql.no_time(t, false);
    END IF;
    IF m[1]::integer > (CASE WHEN m[5] IS NULL THEN 23 ELSE 12 END) OR coalesce(m[2]::integer, 0) > 59 OR coalesce(m[3]::integer, 0) > 59 THEN
        PERFORM tsql.no_time(t, old);
    END IF;
    seconds := (m[1]::integer + CASE WHEN lower(m[5]) = 'pm' AND m[1]::integer < 12 THEN 12
        WHEN lower(m[5]) = 'am' AND m[1]::integer = 12 THEN -12 ELSE 0 END) * 3600 + coalesce(m[2]::integer, 0) * 60
        + coalesce(m[3]::integer, 0) + ('0.' || coalesce(m[4], '0'))::numeric;
    IF upper(m[6]) = 'Z' THEN minutes := 0;
    ELSIF m[6] IS NOT NULL THEN
        minutes := (left(m[6], 1) || '1')::integer * (substr(m[6], 2, 2)::integer * 60 + substr(m[6], 5, 2)::integer);
        IF abs(minutes) > 840 THEN PERFORM tsql.no_time(t, false); END IF;
    END IF;
END $$;

CREATE FUNCTION tsql.rounded(day date, seconds numeric, digits integer) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE n numeric := round(seconds, digits); result timestamp;
BEGIN
    IF n <> round(n, 6) THEN PERFORM tsql.unknown('tenths of a microsecond that are not 0'); END IF;
    result := day + make_interval(secs => trunc(n)::double precision) + ((n - trunc(n)) * 1000000)::integer * interval '1 microsecond';
    RETURN tsql.year(result);
END $$;

CREATE FUNCTION tsql.year(t timestamp) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t >= timestamp '10000-01-01' OR t < timestamp '0001-01-01' THEN
        PERFORM tsql.raise(517, 'Adding a value to a ''datetime2'' column caused an overflow.');
    END IF;
    RETURN t;
END $$;

CREATE FUNCTION tsql.text_to_date(t text, style integer) RETURNS date STABLE STRICT LANGUAGE sql AS $$
SELECT day FROM tsql.parts(t, style, false) $$;

CREATE FUNCTION tsql.text_to_time(t text, digits integer, style integer) RETURNS time STABLE STRICT LANGUAGE sql AS $$
SELECT tsql.rounded(date '2000-01-01', seconds, digits)::time FROM tsql.parts(t, style, false) $$;

CREATE FUNCTION tsql.text_to_datetime2(t text, digits integer, style integer) RETURNS timestamp STABLE STRICT LANGUAGE sql AS $$
SELECT tsql.rounded(day, seconds, digits) FROM tsql.parts(t, style, false) $$;

CREATE FUNCTION tsql.text_to_datetime(t text, style integer) RETURNS timestamp STABLE STRICT LANGUAGE sql AS $$
SELECT tsql.datetime(tsql.rounded(day, seconds, 3)) FROM tsql.parts(t, style, true) $$;

CREATE FUNCTION tsql.text_to_smalldatetime(t text, style integer) RETURNS timestamp STABLE STRICT LANGUAGE sql AS $$
SELECT tsql.smalldatetime(tsql.rounded(day, seconds, 3)) FROM tsql.parts(t, style, true) $$;

CREATE FUNCTION tsql.text_to_moment(t text, digits integer, style integer) RETURNS tsql.moment STABLE STRICT LANGUAGE sql AS $$
SELECT (tsql.rounded(day, seconds, digits) - coalesce(minutes, 0) * interval '1 minute', coalesce(minutes, 0))::tsql.moment
FROM tsql.parts(t, style, false) $$;

-- The clock of datetime ticks 300 times a second.
CREATE FUNCTION tsql.datetime(t timestamp) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE ticks numeric := round(extract(microseconds FROM t) * 300 / 1000000); whole timestamp := date_trunc('minute', t);
BEGIN
    IF t < timestamp '1753-01-01' THEN
        PERFORM tsql.raise(242, 'The conversion of a datetime2 data type to a datetime data type resulted in an out-of-range value.');
    END IF;
    RETURN whole + (round(ticks * 10 / 3))::bigint * interval '1 millisecond';
END $$;

CREATE FUNCTION tsql.smalldatetime(t timestamp) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    t := date_trunc('minute', t + interval '30.001 seconds');
    IF t < timestamp '1900-01-01' OR t >= timestamp '2079-06-07' THEN
        PERFORM tsql.raise(242, 'The conversion resulted in an out-of-range smalldatetime value.');
    END IF;
    RETURN t;
END $$;

CREATE FUNCTION tsql.datetime_to_datetime2(t timestamp, digits integer) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE ticks numeric := round(extract(microseconds FROM t) * 300 / 1000000);
BEGIN
    IF digits > 6 AND ticks::bigint % 3 <> 0 THEN PERFORM tsql.unknown('tenths of a microsecond that are not 0'); END IF;
    RETURN date_trunc('minute', t) + (round(ticks / 300, least(digits, 6)) * 1000000)::bigint * interval '1 microsecond';
END $$;

CREATE FUNCTION tsql.datetime2(t timestamp, digits integer) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    RETURN tsql.year(date_trunc('minute', t)
        + (round(extract(microseconds FROM t) / 1000000, least(digits, 6)) * 1000000)::bigint * interval '1 microsecond');
END $$;

CREATE FUNCTION tsql.moment(t timestamp, minutes integer) RETURNS tsql.moment IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT (t - minutes * interval '1 minute', minutes)::tsql.moment $$;

CREATE FUNCTION tsql.local(m tsql.moment) RETURNS timestamp IMMUTABLE LANGUAGE sql AS $$
SELECT (m).utc + (m).minutes * interval '1 minute' $$;

CREATE FUNCTION tsql.moment_of(m tsql.moment, digits integer) RETURNS tsql.moment STABLE LANGUAGE sql AS $$
SELECT CASE WHEN (m).utc IS NULL THEN NULL ELSE (tsql.datetime2((m).utc, digits), (m).minutes)::tsql.moment END $$;

CREATE FUNCTION tsql.at(m tsql.moment, minutes integer) RETURNS tsql.moment STABLE LANGUAGE sql AS $$
SELECT CASE WHEN (m).utc IS NULL OR minutes IS NULL THEN NULL ELSE ((m).utc, minutes)::tsql.moment END $$;

CREATE FUNCTION tsql.offset_minutes(t text) RETURNS integer STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE m text[] := regexp_match(t, '^([+-])(\d{2}):(\d{2})$'); n integer;
BEGIN
    n := (m[1] || '1')::integer * (m[2]::integer * 60 + m[3]::integer);
    IF n IS NULL OR abs(n) > 840 OR m[3]::integer > 59 THEN PERFORM tsql.raise(9812, 'The timezone provided to builtin function is invalid.'); END IF;
    RETURN n;
END $$;

CREATE FUNCTION tsql.zone(name text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE found text := CASE lower(name)
    WHEN 'utc' THEN 'UTC' WHEN 'gmt standard time' THEN 'Europe/London' WHEN 'greenwich standard time' THEN 'Atlantic/Reykjavik'
    WHEN 'w. europe standard time' THEN 'Europe/Berlin' WHEN 'central europe standard time' THEN 'Europe/Budapest'
    WHEN 'central european standard time' THEN 'Europe/Warsaw' WHEN 'romance standard time' THEN 'Europe/Paris'
    WHEN 'fle standard time' THEN 'Europe/Kiev' WHEN 'gtb standard time' THEN 'Europe/Bucharest'
    WHEN 'eastern standard time' THEN 'America/New_York' WHEN 'central standard time' THEN 'America/Chicago'
    WHEN 'mountain standard time' THEN 'America/Denver' WHEN 'pacific standard time' THEN 'America/Los_Angeles'
    WHEN 'us mountain standard time' THEN 'America/Phoenix' WHEN 'india standard time' THEN 'Asia/Kolkata'
    WHEN 'tokyo standard time' THEN 'Asia/Tokyo' WHEN 'china standard time' THEN 'Asia/Shanghai'
    WHEN 'singapore standard time' THEN 'Asia/Singapore' WHEN 'aus eastern standard time' THEN 'Australia/Sydney'
    WHEN 'new zealand standard time' THEN 'Pacific/Auckland' END;
BEGIN
    IF found IS NULL THEN
        IF lower(name) ~ ' (standard time|daylight time)$' THEN PERFORM tsql.unknown('the time zone ' || name); END IF;
        PERFORM tsql.raise(9820, 'The time zone parameter ''' || name || ''' provided to AT TIME ZONE clause is invalid.');
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION tsql.in_zone(m tsql.moment, name text) RETURNS tsql.moment STABLE LANGUAGE sql AS $$
SELECT CASE WHEN (m).utc IS NULL OR name IS NULL THEN NULL ELSE ((m).utc,
    (extract(epoch FROM (((m).utc AT TIME ZONE 'UTC') AT TIME ZONE tsql.zone(name)) - (m).utc) / 60)::integer)::tsql.moment END $$;

CREATE FUNCTION tsql.from_zone(t timestamp, name text) RETURNS tsql.moment STABLE LANGUAGE sql AS $$
SELECT CASE WHEN t IS NULL OR name IS NULL THEN NULL
    ELSE tsql.in_zone(((t AT TIME ZONE tsql.zone(name)) AT TIME ZONE 'UTC', 0)::tsql.moment, name) END $$;

CREATE FUNCTION tsql.clock(t timestamp, digits integer) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT to_char(t, 'HH24:MI:SS') || CASE WHEN digits = 0 THEN '' ELSE '.' || left(to_char(t, 'US') || '0', digits) END $$;

CREATE FUNCTION tsql.offset_text(minutes integer) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN minutes < 0 THEN '-' ELSE '+' END || lpad((abs(minutes) / 60)::text, 2, '0') || ':' || lpad((abs(minutes) % 60)::text, 2, '0') $$;

-- kind: date, time, datetime, smalldatetime, datetime2, datetimeoffset
CREATE FUNCTION tsql.time_to_text(t timestamp, minutes integer, kind text, digits integer, style integer) RETURNS text STABLE LANGUAGE plpgsql AS $$
DECLARE
    has_date boolean := kind <> 'time'; has_time boolean := kind <> 'date';
    zone text := CASE WHEN kind = 'datetimeoffset' THEN ' ' || tsql.offset_text(minutes) ELSE '' END;
    -- Old types show three digits where style asks for fractions.
    shown integer := CASE WHEN kind IN ('datetime', 'smalldatetime') THEN 3 ELSE digits END;
    day text; clock text;
BEGIN
    IF t IS NULL THEN RETURN NULL; END IF;
    IF style = -1 THEN style := CASE WHEN kind IN ('datetime', 'smalldatetime') THEN 0 ELSE 121 END; END IF;
    IF style IN (0, 100) THEN
        day := to_char(t, 'Mon ') || lpad(to_char(t, 'FMDD'), 2, ' ') || to_char(t, ' YYYY');
        clock := lpad(to_char(t, 'FMHH12'), 2, ' ') || to_char(t, ':MIAM');
        IF NOT has_time THEN RETURN day; END IF;
        IF NOT has_date THEN RETURN ltrim(clock); END IF;
        RETURN day || ' ' || clock || zone;
    END IF;
    day := CASE style
        WHEN 1 THEN 'MM/DD/YY' WHEN 101 THEN 'MM/DD/YYYY' WHEN 2 THEN 'YY.MM.DD' WHEN 102 THEN 'YYYY.MM.DD'
        WHEN 3 THEN 'DD/MM/YY' WHEN 103 THEN 'DD/MM/YYYY' WHEN 4 THEN 'DD.MM.YY' WHEN 104 THEN 'DD.MM.YYYY'
        WHEN 5 THEN 'DD-MM-YY' WHEN 105 THEN 'DD-MM-YYYY' WHEN 6 THEN 'DD Mon YY' WHEN 106 THEN 'DD Mon YYYY'
        WHEN 7 THEN 'Mon DD, YY' WHEN 107 THEN 'Mon DD, YYYY' WHEN 10 THEN 'MM-DD-YY' WHEN 110 THEN 'MM-DD-YYYY'
        WHEN 11 THEN 'YY/MM/DD' WHEN 111 THEN 'YYYY/MM/DD' WHEN 12 THEN 'YYMMDD' WHEN 112 THEN 'YYYYMMDD'
        WHEN 23 THEN 'YYYY-MM-DD' END;
    IF day IS NOT NULL THEN
        IF NOT has_date THEN
            PERFORM tsql.unknown('style ' || style || ' for time');
        END IF;
        RETURN to_char(t, day);
    END IF;
    IF style IN (8, 24, 108) THEN
        IF NOT has_time THEN PERFORM tsql.unknown('style ' || style || ' for date'); END IF;
        RETURN to_char(t, 'HH24:MI:SS');
    ELSIF style IN (14, 114) AND kind = 'datetime' THEN
        RETURN to_char(t, 'HH24:MI:SS:MS');
    ELSIF style IN (13, 113) AND kind = 'datetime' THEN
        RETURN to_char(t, 'DD Mon YYYY HH24:MI:SS:MS');
    ELSIF style IN (20, 120) THEN
        IF NOT has_time THEN RETURN to_char(t, 'YYYY-MM-DD'); END IF;
        clock := to_char(t, 'HH24:MI:SS');
        IF NOT has_date THEN RETURN clock; END IF;
        RETURN to_char(t, 'YYYY-MM-DD ') || clock || zone;
    ELSIF style IN (21, 25, 121) THEN
        IF NOT has_time THEN RETURN to_char(t, 'YYYY-MM-DD'); END IF;
        clock := tsql.clock(t, shown);
        IF NOT has_date THEN RETURN clock; END IF;
        RETURN to_char(t, 'YYYY-MM-DD ') || clock || zone;
    ELSIF style = 126 THEN
        IF NOT has_time THEN RETURN to_char(t, 'YYYY-MM-DD'); END IF;
        -- Of datetime the fraction is left out when it is 0.
        IF kind IN ('datetime', 'smalldatetime') AND extract(milliseconds FROM t)::bigint % 1000 = 0 THEN shown := 0; END IF;
        clock := tsql.clock(t, shown);
        IF NOT has_date THEN RETURN clock; END IF;
        RETURN to_char(t, 'YYYY-MM-DD"T"') || clock || ltrim(zone);
    END IF;
    PERFORM tsql.unknown('style ' || style || ' for ' || kind);
END $$;

CREATE FUNCTION tsql.add(t timestamp, part text, n bigint) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    RETURN t + CASE part
        WHEN 'year' THEN make_interval(years => n::integer) WHEN 'quarter' THEN make_interval(months => 3 * n::integer)
        WHEN 'month' THEN make_interval(months => n::integer) WHEN 'week' THEN make_interval(days => 7 * n::integer)
        WHEN 'day' THEN make_interval(days => n::integer) WHEN 'hour' THEN n * interval '1 hour'
        WHEN 'minute' THEN n * interval '1 minute' WHEN 'second' THEN n * interval '1 second'
        WHEN 'millisecond' THEN n * interval '1 millisecond' WHEN 'microsecond' THEN n * interval '1 microsecond' END;
END $$;

CREATE FUNCTION tsql.added(t timestamp, kind text) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t >= timestamp '10000-01-01' OR t < (CASE WHEN kind = 'datetime' THEN timestamp '1753-01-01' ELSE timestamp '0001-01-01' END) THEN
        PERFORM tsql.raise(517, 'Adding a value to a ''' || kind || ''' column caused an overflow.');
    END IF;
    RETURN t;
END $$;

-- The boundaries that lie between two times.
CREATE FUNCTION tsql.between_(a timestamp, b timestamp, part text, big boolean) RETURNS bigint STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE n numeric; days numeric := b::date - a::date;
BEGIN
    n := CASE part
        WHEN 'year' THEN extract(year FROM b) - extract(year FROM a)
        WHEN 'quarter' THEN (extract(year FROM b) - extract(year FROM a)) * 4 + extract(quarter FROM b) - extract(quarter FROM a)
        WHEN 'month' THEN (extract(year FROM b) - extract(year FROM a)) * 12 + extract(month FROM b) - extract(month FROM a)
        -- Weeks begin on Sundays, whatever DATEFIRST is.
        WHEN 'week' THEN ((b::date - date '0001-01-07') / 7) - ((a::date - date '0001-01-07') / 7)
        WHEN 'day' THEN days
        WHEN 'hour' THEN days * 24 + extract(hour FROM b) - extract(hour FROM a)
        WHEN 'minute' THEN days * 1440 + extract(hour FROM b) * 60 + extract(minute FROM b) - extract(hour FROM a) * 60 - extract(minute FROM a)
        WHEN 'second' THEN floor(extract(epoch FROM b)) - floor(extract(epoch FROM a))
        WHEN 'millisecond' THEN floor(extract(epoch FROM b) * 1000) - floor(extract(epoch FROM a) * 1000)
        WHEN 'microsecond' THEN extract(epoch FROM b) * 1000000 - extract(epoch FROM a) * 1000000 END;
    IF NOT big AND abs(n) > 2147483647 THEN
        PERFORM tsql.raise(535, 'The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large.');
    END IF;
    RETURN n::bigint;
END $$;

CREATE FUNCTION tsql.part(t timestamp, part text) RETURNS integer STABLE STRICT LANGUAGE sql AS $$
SELECT CASE part WHEN 'millisecond' THEN extract(milliseconds FROM t)::numeric % 1000
    WHEN 'microsecond' THEN extract(microseconds FROM t)::numeric % 1000000
    WHEN 'nanosecond' THEN (extract(microseconds FROM t)::numeric % 1000000) * 1000
    WHEN 'second' THEN floor(extract(second FROM t)) WHEN 'minute' THEN extract(minute FROM t) WHEN 'hour' THEN extract(hour FROM t)
    WHEN 'day' THEN extract(day FROM t) WHEN 'dayofyear' THEN extract(doy FROM t) WHEN 'weekday' THEN extract(dow FROM t) + 1
    WHEN 'week' THEN floor((extract(doy FROM t) + extract(dow FROM date_trunc('year', t)) - 1) / 7) + 1
    WHEN 'iso_week' THEN extract(week FROM t) WHEN 'month' THEN extract(month FROM t)
    WHEN 'quarter' THEN extract(quarter FROM t) WHEN 'year' THEN extract(year FROM t) END::numeric::integer $$;

CREATE FUNCTION tsql.from_parts(y integer, mo integer, d integer, h integer, mi integer, s numeric) RETURNS timestamp STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF y NOT BETWEEN 1 AND 9999 OR mo NOT BETWEEN 1 AND 12 OR d < 1
        OR d > extract(day FROM make_date(y, mo, 1) + interval '1 month' - interval '1 day') OR h NOT BETWEEN 0 AND 23
        OR mi NOT BETWEEN 0 AND 59 OR s < 0 OR s >= 60 THEN
        PERFORM tsql.raise(289, 'Cannot construct data type date, some of the arguments have values which are not valid.');
    END IF;
    RETURN make_timestamp(y, mo, d, h, mi, s::double precision);
END $$;

CREATE FUNCTION tsql.isdate(t text) RETURNS integer STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(trim(t), '') = '' THEN RETURN 0; END IF;
    PERFORM tsql.text_to_datetime(t, 0);
    RETURN 1;
EXCEPTION WHEN SQLSTATE 'TSQL0' THEN
    IF SQLERRM LIKE '%stand-in%' THEN RAISE; END IF;
    RETURN 0;
END $$;

-- Conversions that may fail ------------------------------------------------------------------------------------------

CREATE FUNCTION tsql.try_text(t text, kind text, a integer, b integer, style integer) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE kind
        WHEN 'bit' THEN tsql.text_to_bit(t, 'varchar')::text
        WHEN 'tinyint' THEN tsql.text_to_whole(t, kind, 'varchar')::text WHEN 'smallint' THEN tsql.text_to_whole(t, kind, 'varchar')::text
        WHEN 'int' THEN tsql.text_to_whole(t, kind, 'varchar')::text WHEN 'bigint' THEN tsql.text_to_whole(t, kind, 'varchar')::text
        WHEN 'numeric' THEN tsql.text_to_decimal(t, a, b, 'varchar')::text WHEN 'money' THEN tsql.text_to_money(t, 'varchar')::text
        WHEN 'float' THEN tsql.text_to_float(t, 'varchar', kind)::text WHEN 'real' THEN tsql.text_to_float(t, 'varchar', kind)::real::text
        WHEN 'date' THEN tsql.text_to_date(t, style)::text WHEN 'time' THEN tsql.text_to_time(t, a, style)::text
        WHEN 'datetime' THEN tsql.text_to_datetime(t, style)::text WHEN 'smalldatetime' THEN tsql.text_to_smalldatetime(t, style)::text
        WHEN 'datetime2' THEN tsql.text_to_datetime2(t, a, style)::text
        WHEN 'datetimeoffset' THEN tsql.text_to_moment(t, a, style)::text
        WHEN 'uniqueidentifier' THEN tsql.text_to_uuid(t)::text END;
EXCEPTION WHEN SQLSTATE 'TSQL0' THEN
    IF SQLERRM LIKE '%stand-in%' THEN RAISE; END IF;
    RETURN NULL;
WHEN numeric_value_out_of_range THEN RETURN NULL;
END $$;

CREATE FUNCTION tsql.try_number(n numeric, kind text, precision_ integer, scale integer) RETURNS numeric STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN kind = 'numeric' THEN tsql.decimal(n, precision_, scale) ELSE tsql.whole(n, kind) END;
EXCEPTION WHEN SQLSTATE 'TSQL0' THEN RETURN NULL;
END $$;

CREATE FUNCTION tsql.text_to_uuid(t text) RETURNS uuid STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t !~* '^\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}' THEN
        PERFORM tsql.raise(8169, 'Conversion failed when converting from a character string to uniqueidentifier.');
    END IF;
    RETURN substring(t FROM '[0-9a-fA-F-]{36}')::uuid;
END $$;

CREATE FUNCTION tsql.json_value(document text, path text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
DECLARE found jsonb; steps text := regexp_replace(path, '^ *lax +', '');
BEGIN
    IF steps !~ '^\$(\.[A-Za-z_][A-Za-z0-9_]*|\."[^"]*"|\[[0-9]+\])*$' THEN PERFORM tsql.unknown('the JSON path ' || path); END IF;
    BEGIN
        found := jsonb_path_query_first(document::jsonb, ('lax ' || steps)::jsonpath);
    EXCEPTION WHEN invalid_text_representation THEN
        PERFORM tsql.raise(13609, 'JSON text is not properly formatted.');
    END;
    IF jsonb_typeof(found) IN ('object', 'array') THEN RETURN NULL; END IF;
    IF jsonb_typeof(found) = 'number' AND document !~ '^[^eE]*$' THEN PERFORM tsql.unknown('numbers with exponents in JSON'); END IF;
    RETURN CASE WHEN length(found #>> '{}') > 4000 THEN NULL ELSE found #>> '{}' END;
END $$;

CREATE FUNCTION tsql.xml_text(t text) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF t ~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f]' THEN PERFORM tsql.raise(6841, 'FOR XML could not serialize the data.'); END IF;
    RETURN replace(replace(replace(replace(t, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), E'\r', '&#x0D;');
END $$;

CREATE FUNCTION tsql.level(n integer) RETURNS integer STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF n > 100 THEN
        PERFORM tsql.raise(530, 'The statement terminated. The maximum recursion 100 has been exhausted before statement completion.');
    END IF;
    RETURN n;
END $$;

-- The catalogue ------------------------------------------------------------------------------------------------------

-- Names as they were written are remarks at tables; remarks at columns are `name` or `type|name`.
CREATE VIEW tsql.sys_objects AS
SELECT coalesce(obj_description(c.oid, 'pg_class'), c.relname::text) AS name, c.oid::bigint::integer AS object_id, 1 AS schema_id,
    'U '::text AS type, 'USER_TABLE'::text AS type_desc
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'dbo'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT name, 1000000000 + id, 1, CASE kind WHEN 'view' THEN 'V ' ELSE 'IF' END,
    CASE kind WHEN 'view' THEN 'VIEW' ELSE 'SQL_INLINE_TABLE_VALUED_FUNCTION' END FROM tsql.module;
CREATE VIEW tsql.sys_tables AS SELECT name, object_id, schema_id, type, type_desc FROM tsql.sys_objects WHERE type = 'U ';
CREATE VIEW tsql.sys_views AS SELECT name, object_id, schema_id, type, type_desc FROM tsql.sys_objects WHERE type = 'V ';
CREATE VIEW tsql.sys_schemas AS SELECT 'dbo'::text AS name, 1 AS schema_id;
CREATE VIEW tsql.sys_columns AS
SELECT a.attrelid::bigint::integer AS object_id, coalesce(nullif(split_part(col_description(a.attrelid, a.attnum), '|', 2), ''), a.attname::text) AS name,
    a.attnum::integer AS column_id, NOT a.attnotnull AS is_nullable, a.attidentity <> '' AS is_identity
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'dbo'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped;
DO $$
DECLARE c record;
BEGIN
    FOR c IN SELECT attrelid::regclass AS of, attname FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'tsql'::regnamespace AND relkind = 'v' AND atttypid = 'text'::regtype
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.of, c.attname, CASE c.attname WHEN 'type' THEN 'char(2)' WHEN 'type_desc' THEN 'nvarchar(60)' ELSE 'nvarchar(128)' END || '|' || c.attname);
    END LOOP;
END $$;

CREATE FUNCTION tsql.top(n bigint) RETURNS bigint STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF n IS NULL OR n < 0 THEN PERFORM tsql.raise(127, 'A TOP N or FETCH rowcount value may not be negative.'); END IF;
    RETURN n;
END $$;

CREATE FUNCTION tsql.aggregated(t text, most integer) RETURNS text STABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
    IF length(t) > most THEN
        PERFORM tsql.raise(9829, 'STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.');
    END IF;
    RETURN t;
END $$;

CREATE FUNCTION tsql.character(code integer) RETURNS text STABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN code BETWEEN 1 AND 255 AND code NOT IN (129, 141, 143, 144, 157)
    THEN convert_from(set_byte('\x00'::bytea, 0, code), 'WIN1252') END $$;

CREATE FUNCTION tsql.code(t text) RETURNS integer STABLE STRICT LANGUAGE sql AS $$
SELECT CASE WHEN t = '' THEN NULL ELSE get_byte(convert_to(left(tsql.narrow(t), 1), 'WIN1252'), 0) END $$;
