use super::*;

#[test]
fn images_come_in_their_order_and_each_address_once() {
    let image = |url, position, alt| {
        row(&[
            ("Handle", "floor-lamp"),
            ("Image Src", url),
            ("Image Position", position),
            ("Image Alt Text", alt),
        ])
    };
    let reading = read_rows(&[
        lamp(&[
            ("Image Src", "https://example.com/2.jpg?v=1"),
            ("Image Position", "2"),
            ("Variant Image", "https://example.com/of variant.jpg"),
        ]),
        image("//example.com/1.jpg", "1", "Front"),
        image("https://example.com/2.jpg?v=1", "5", "Back"),
        image("/images/lamp.svg", "3", ""),
    ]);
    let lamp = product(&reading);
    let images: Vec<(&str, &str)> = lamp
        .images
        .iter()
        .map(|image| (image.url.as_str(), image.alt.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        images,
        [
            ("https://example.com/1.jpg", "Front"),
            ("https://example.com/2.jpg?v=1", "Back"),
            ("/images/lamp.svg", ""),
            ("https://example.com/of%20variant.jpg", ""),
        ]
    );
    assert_eq!(lamp.variants.len(), 1);
    assert_eq!(
        lamp.variants[0].image.as_deref(),
        Some("https://example.com/of%20variant.jpg")
    );
}

#[test]
fn an_image_from_anywhere_else_is_refused_and_its_product_comes_in() {
    for url in [
        "javascript:alert(1)",
        "data:image/png;base64,x",
        "file:///etc/passwd",
        "lamp.jpg",
        "https://",
    ] {
        let reading = read_rows(&[lamp(&[("Image Src", url)])]);
        assert_eq!(refused(&reading), [(2, "image.address")], "{url}");
        assert_eq!(reading.products.len(), 1);
    }
}
