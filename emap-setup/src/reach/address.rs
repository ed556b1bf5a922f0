//! Host and port within a URL.

/// What stands between the host and the rest of a URL.
const ENDS: [char; 4] = ['/', '?', ';', '\\'];

/// The URL with another host and port if `other` gives them for the present ones, as a container was told them.
/// `default_port` stands for one that the URL leaves out. A URL with several hosts stays as it is.
pub fn replace_address(
    url: &str,
    default_port: u16,
    other: impl FnOnce(&str, u16) -> Option<(String, u16)>,
) -> String {
    let replaced = find(url, default_port).and_then(|(start, end, host, port)| {
        let (host, port) = other(host, port)?;
        Some(format!("{}{host}:{port}{}", &url[..start], &url[end..]))
    });
    replaced.unwrap_or_else(|| url.to_owned())
}

/// Start and end of the address, host and port.
fn find(url: &str, default_port: u16) -> Option<(usize, usize, &str, u16)> {
    let authority = url.find("://")? + 3;
    let length = url[authority..].find(ENDS).unwrap_or(url.len() - authority);
    let start = url[authority..authority + length].rfind('@').map_or(authority, |at| authority + at + 1);
    let end = authority + length;
    let address = &url[start..end];
    if address.is_empty() || address.contains([',', '[', '%']) {
        return None;
    }
    match address.split_once(':') {
        None => Some((start, end, address, default_port)),
        Some((host, port)) => Some((start, end, host, port.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_changes() {
        let moved = |url| replace_address(url, 5432, |host, port| Some((format!("{host}.here"), port + 1)));
        for (url, expected) in [
            ("jdbc:postgresql://db:5000/x?a=b", "jdbc:postgresql://db.here:5001/x?a=b"),
            ("postgresql://u:p%40@db/x", "postgresql://u:p%40@db.here:5433/x"),
            ("jdbc:sqlserver://db:1433;databaseName=x", "jdbc:sqlserver://db.here:1434;databaseName=x"),
            ("postgresql://a,b/x", "postgresql://a,b/x"),
            ("postgresql://[::1]:5/x", "postgresql://[::1]:5/x"),
            ("jdbc:postgresql:x", "jdbc:postgresql:x"),
            ("", ""),
        ] {
            assert_eq!(moved(url), expected);
        }
        assert_eq!(replace_address("postgresql://db/x", 1, |_, _| None), "postgresql://db/x");
    }
}
