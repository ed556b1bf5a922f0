//! Sending documents (CDA) to Mirth: a SOAP call, described by the receiver's WSDL.

use base64::{Engine, engine::general_purpose::STANDARD};
use roxmltree::{Document, Node};
use uuid::Uuid;

use crate::{
    outside::{CallError, Client},
    settings::MirthSettings,
};

const NAMESPACE: &str = "http://ws.connectors.connect.mirth.com/";
const ACTION: &str = "http://ws.connectors.connect.mirth.com/DefaultAcceptMessage/acceptMessageRequest";
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";

/// Sends a document; gives what the receiver returned. Blocks.
///
/// The WSDL mostly names an internal address of the receiver: its schema is loaded from the configured host all the same,
/// the document goes to the address that it names.
///
/// # Errors
/// When the receiver cannot be reached or does not accept the document.
pub(crate) fn send(
    settings: &MirthSettings,
    client: &Client,
    document: &str,
) -> Result<Option<String>, CallError> {
    let login = STANDARD.encode(format!("{}:{}", settings.username, settings.password));
    let authorization = format!("Basic {login}");
    let get = |url: &str| {
        let answer = client.get(url, &[("Authorization", &authorization)])?;
        if answer.status >= 400 {
            return Err(CallError::Unavailable(format!(
                "description of the receiver: HTTP status {}",
                answer.status
            )));
        }
        Ok(answer.text)
    };
    let description = Description::read(&get(&format!("{}?wsdl", settings.url))?)?;
    for schema in &description.schemas {
        get(&on_host_of(schema, &settings.url))?;
    }
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "text/xml; charset=utf-8"),
        ("SOAPAction", "\"\""),
    ];
    let answer = client.post(&description.address, &headers, &envelope(&description, document))?;
    match answer.status {
        200 => returned(&answer.text),
        201 | 202 if answer.text.trim().is_empty() => Ok(None),
        status => {
            Err(CallError::Unusable(format!("the receiver of documents answers with HTTP status {status}")))
        }
    }
}

/// What the WSDL says.
struct Description {
    /// Where documents go.
    address: String,
    /// Where its schemas are.
    schemas: Vec<String>,
    /// Whether it wants the action in the header.
    addressing: bool,
}

impl Description {
    fn read(text: &str) -> Result<Self, CallError> {
        let unreadable =
            || CallError::Unusable("the description of the receiver (WSDL) cannot be read".to_owned());
        let wsdl = Document::parse(text).map_err(|_| unreadable())?;
        let elements = |name: &'static str| {
            wsdl.descendants().filter(move |node| node.is_element() && node.tag_name().name() == name)
        };
        let address = elements("address").find_map(|node| node.attribute("location"));
        let imports = elements("import").chain(elements("include"));
        Ok(Self {
            address: address.ok_or_else(unreadable)?.to_owned(),
            schemas: imports.filter_map(|node| node.attribute("schemaLocation")).map(str::to_owned).collect(),
            addressing: elements("input").any(|node| has_action(&node)),
        })
    }
}

fn has_action(node: &Node<'_, '_>) -> bool {
    node.attributes().any(|attribute| attribute.name() == "Action" && attribute.namespace().is_some())
}

/// The URL with the scheme and the host of another one.
fn on_host_of(url: &str, base: &str) -> String {
    let after_host = |url: &str| {
        let host = url.find("://").map_or(0, |at| at + 3);
        url[host..].find('/').map_or(url.len(), |at| host + at)
    };
    let path = if url.contains("://") { &url[after_host(url)..] } else { url };
    format!("{}{}{path}", &base[..after_host(base)], if path.starts_with('/') { "" } else { "/" })
}

fn envelope(description: &Description, document: &str) -> String {
    let header = if description.addressing {
        format!(
            "<soap-env:Header xmlns:wsa=\"{ADDRESSING}\"><wsa:Action>{ACTION}</wsa:Action>\
             <wsa:MessageID>urn:uuid:{}</wsa:MessageID><wsa:To>{}</wsa:To></soap-env:Header>",
            Uuid::new_v4(),
            as_text(&description.address),
        )
    } else {
        String::new()
    };
    format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<soap-env:Envelope xmlns:soap-env=\"{ENVELOPE}\">{header}\
         <soap-env:Body><ns0:acceptMessage xmlns:ns0=\"{NAMESPACE}\"><arg0>{}</arg0></ns0:acceptMessage>\
         </soap-env:Body></soap-env:Envelope>",
        as_text(document)
    )
}

/// Text of an element. A carriage return would be read as a line feed if it stood there; characters that no XML
/// document may hold are left out.
fn as_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(character),
        }
    }
    out
}

/// The text of `return`, if there is one.
fn returned(answer: &str) -> Result<Option<String>, CallError> {
    let unusable = |text: &str| CallError::Unusable(text.to_owned());
    let answer = Document::parse(answer.trim())
        .map_err(|_| unusable("the receiver of documents answers without XML"))?;
    let element =
        |name: &str| answer.descendants().find(|node| node.is_element() && node.tag_name().name() == name);
    if element("Fault").is_some() {
        return Err(unusable("the receiver of documents answers with a fault"));
    }
    Ok(element("return").and_then(|node| node.text()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_replaced_and_nothing_else() {
        let replaced = |url| on_host_of(url, "https://mirth.example:8443/services/x");
        assert_eq!(replaced("http://10.0.0.1/s?xsd=1"), "https://mirth.example:8443/s?xsd=1");
        assert_eq!(replaced("/s?xsd=1"), "https://mirth.example:8443/s?xsd=1");
        assert_eq!(on_host_of("http://a/b", "http://host:1"), "http://host:1/b");
    }

    #[test]
    fn a_document_is_text_of_the_envelope() {
        let description =
            Description { address: "http://a/?b&c".to_owned(), schemas: Vec::new(), addressing: true };
        let document = "<?xml version=\"1.0\"?>\r\n<a href=\"\\\\host\\share\">& \u{1}</a>";
        let envelope = envelope(&description, document);
        let parsed = Document::parse(&envelope).unwrap();
        let argument = parsed.descendants().find(|node| node.has_tag_name("arg0")).unwrap();
        assert_eq!(argument.text(), Some(document.replace('\u{1}', "").as_str()));
        let to = parsed.descendants().find(|node| node.has_tag_name((ADDRESSING, "To"))).unwrap();
        assert_eq!(to.text(), Some("http://a/?b&c"));
    }

    #[test]
    fn answers() {
        let envelope =
            |body: &str| format!("<e:Envelope xmlns:e=\"{ENVELOPE}\"><e:Body>{body}</e:Body></e:Envelope>");
        assert_eq!(returned(&envelope("<r><return>ok</return></r>")).unwrap().as_deref(), Some("ok"));
        assert_eq!(returned(&envelope("<r/>")).unwrap(), None);
        assert!(returned(&envelope("<e:Fault/>")).is_err());
        assert!(returned("no").is_err());
    }
}
