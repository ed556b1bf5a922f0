//! Compressed bodies, named as the platform's services (kombu) name them.

use std::io::Write;

use miniz_oxide::deflate::{CompressionLevel, compress_to_vec_zlib};

use crate::settings::Compression;

/// Headers of a document.
pub(super) type Headers = Vec<(&'static str, &'static str)>;

/// The header that says how a body is compressed, and the body.
pub(super) fn compressed(body: &str, compression: Compression) -> (Headers, Vec<u8>) {
    let header = |value| vec![("compression", value)];
    match compression {
        Compression::None => (Vec::new(), body.as_bytes().to_vec()),
        Compression::Bzip2 => (header("application/x-bz2"), bzip2(body.as_bytes())),
        Compression::Zlib => (header("application/x-gzip"), zlib(body.as_bytes())),
    }
}

fn bzip2(body: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    // Writing to memory cannot fail.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(body, CompressionLevel::DefaultLevel as u8)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use miniz_oxide::inflate::decompress_to_vec_zlib;

    use super::{Compression, compressed};

    #[test]
    fn each_codec_gives_the_body_back_and_says_what_it_is() {
        let body = "{\"actions\": []}".repeat(100);
        let (headers, packed) = compressed(&body, Compression::None);
        assert_eq!((headers, packed), (Vec::new(), body.clone().into_bytes()));

        let (headers, packed) = compressed(&body, Compression::Bzip2);
        let mut unpacked = String::new();
        bzip2::read::BzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!((headers, &unpacked), (vec![("compression", "application/x-bz2")], &body));

        let (headers, packed) = compressed(&body, Compression::Zlib);
        let unpacked = decompress_to_vec_zlib(&packed).unwrap();
        assert_eq!((headers, unpacked), (vec![("compression", "application/x-gzip")], body.into_bytes()));
        // The two bytes that zlib begins with, and gzip does not.
        assert_eq!(packed[0], 0x78);
    }
}
