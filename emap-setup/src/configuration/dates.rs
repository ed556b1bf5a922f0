//! The window of the readers, derived from `dates`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::{error::ConfigurationError, lookups::Configuration, scalar::Scalar};
use crate::log;

/// What daemons take for "not set".
const BLANK: &str = " ";

/// The keys that say where the window starts and ends: of the readers' sections.
const START: [(&str, &str); 2] = [("ids", "IDS_CFG_DEFAULT_START_DATETIME"), ("global", "HOOVER_DATE_FROM")];
const END: [(&str, &str); 2] = [("ids", "IDS_CFG_END_DATETIME"), ("global", "HOOVER_DATE_UNTIL")];

/// Adds the date keys to sections `ids` and `global`.
pub(super) fn derive(configuration: &mut Configuration) -> Result<(), ConfigurationError> {
    if configuration.node(&["ids"]).is_none() {
        log::warn("config", "there is no section ids, so no dates are derived");
        return Ok(());
    }
    if configuration.node(&["global"]).is_none() {
        return Err(configuration.missing("global"));
    }
    for (key, targets) in [("start", START), ("end", END)] {
        let rendered = render(configuration, key)?;
        for (section, name) in targets {
            if let Some(node) = configuration.document.top.get_mut(section) {
                node.derive(name, Scalar::derived(rendered.clone()));
            }
        }
    }
    Ok(())
}

fn render(configuration: &Configuration, key: &str) -> Result<String, ConfigurationError> {
    if configuration.node(&["dates"]).is_none() {
        log::warn("config", format_args!("there is no section dates: {key} stays open"));
        return Ok(BLANK.to_owned());
    }
    let name = format!("dates.{key}");
    let node = configuration.node(&["dates", key]).ok_or_else(|| configuration.missing(&name))?;
    let scalar = configuration.as_scalar(node, &name)?;
    if scalar.is_null() {
        return Ok(BLANK.to_owned());
    }
    let Moment { time, dropped_offset } = read(scalar).ok_or_else(|| {
        configuration.bad_value(node.place, &name, "not a date or time such as 2031-05-06T07:08:09Z")
    })?;
    if dropped_offset {
        let place = format_args!("{}:{}", configuration.path.display(), node.place.line);
        log::warn("config", format_args!("{place}: the offset of {name} is ignored; write the time as UTC"));
    }
    Ok(time.format("%Y-%m-%dT%H:%M:%S.00Z").to_string())
}

struct Moment {
    time: NaiveDateTime,
    dropped_offset: bool,
}

/// Without quotes a time keeps its digits whatever its offset, as the old tool had it; a text in quotes is converted.
fn read(scalar: &Scalar) -> Option<Moment> {
    let text = scalar.text().trim();
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(Moment { time: date.and_time(NaiveTime::MIN), dropped_offset: false });
    }
    let joined = text.replacen([' ', 't'], "T", 1).replace(' ', "");
    let joined =
        if joined.ends_with(['Z', 'z']) { format!("{}+00:00", &joined[..joined.len() - 1]) } else { joined };
    for format in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(time) = DateTime::parse_from_str(&joined, format) {
            let offset = time.offset().local_minus_utc() != 0;
            return Some(if scalar.is_quoted() {
                Moment { time: time.naive_utc(), dropped_offset: false }
            } else {
                Moment { time: time.naive_local(), dropped_offset: offset }
            });
        }
    }
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let time = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(&joined, format).ok())?;
    Some(Moment { time, dropped_offset: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, quoted: bool) -> Option<String> {
        read(&Scalar::new(text, quoted)).map(|moment| moment.time.format("%Y-%m-%dT%H:%M:%S").to_string())
    }

    #[test]
    fn dates_and_times_in_the_forms_of_yaml_and_iso() {
        for (text, quoted, expected) in [
            ("2031-05-06", false, "2031-05-06T00:00:00"),
            ("2031-05-06", true, "2031-05-06T00:00:00"),
            ("2031-05-06T01:02:03.456Z", false, "2031-05-06T01:02:03"),
            ("2031-05-06 01:02:03", false, "2031-05-06T01:02:03"),
            ("2031-05-06t01:02:03 +01:00", false, "2031-05-06T01:02:03"),
            ("2031-05-06T01:02:03+01:00", false, "2031-05-06T01:02:03"),
            ("2031-05-06T01:02:03+01:00", true, "2031-05-06T00:02:03"),
            ("2031-05-06T01:02:03+0100", true, "2031-05-06T00:02:03"),
            ("2031-05-06T01:02", true, "2031-05-06T01:02:00"),
        ] {
            assert_eq!(rendered(text, quoted).as_deref(), Some(expected), "{text} {quoted}");
        }
        for text in ["", "soon", "2031-02-30", "06/05/2031", "2031-05-06T25:00:00"] {
            assert_eq!(rendered(text, true), None, "{text}");
        }
    }
}
