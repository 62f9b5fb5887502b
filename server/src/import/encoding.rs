//! From bytes to text: UTF-8, UTF-16 with a mark, and what older spreadsheets write.

use std::borrow::Cow;

use csv::{ByteRecord, StringRecord};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The file in UTF-8, or in what is meant to be, without a mark.
pub(super) fn in_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some((encoding, mark)) = Encoding::for_bom(bytes) else {
        return Cow::Borrowed(bytes);
    };
    let rest = &bytes[mark..];
    if encoding == UTF_8 {
        return Cow::Borrowed(rest);
    }
    let (text, _) = encoding.decode_without_bom_handling(rest);
    Cow::Owned(text.into_owned().into_bytes())
}

/// A record as text, and whether all of it was UTF-8. Bytes that are not are those of Windows-1252, which spreadsheets
/// in Western Europe and America write when nobody tells them otherwise; what is UTF-8 beside them stays so.
pub(super) fn text(record: ByteRecord) -> (StringRecord, bool) {
    match StringRecord::from_byte_record(record) {
        Ok(record) => (record, true),
        Err(error) => (error.into_byte_record().iter().map(cell).collect(), false),
    }
}

fn cell(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}
