//! Who may connect to a private server, and how both sides prove who they are.

use super::{cluster::Cluster, options::Options};
use crate::Error;

/// What `initdb` writes with `trust`.
const ON_THIS_MACHINE: &str =
    "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n";

/// Writes certificates and rules into the private directory; gives the settings that name them.
pub(super) fn settings(cluster: &Cluster, options: &Options) -> Result<Vec<(String, String)>, Error> {
    let mut settings = Vec::new();
    let mut file = |setting: &str, name: &str, content: &str| {
        let path = cluster.write(name, content)?.to_string_lossy().into_owned();
        settings.push((setting.to_owned(), path));
        Ok(())
    };
    if !options.access.is_empty() {
        file("hba_file", "access.conf", &format!("{}\n{ON_THIS_MACHINE}", options.access))?;
    }
    if let Some(tls) = &options.tls {
        file("ssl_cert_file", "server.crt", &tls.certificate)?;
        file("ssl_key_file", "server.key", &tls.key)?;
        file("ssl_ca_file", "authority.crt", &tls.authority)?;
        settings.push(("ssl".to_owned(), "on".to_owned()));
    }
    Ok(settings)
}
