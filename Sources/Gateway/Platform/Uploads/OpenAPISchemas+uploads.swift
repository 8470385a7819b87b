/// The schemas of uploads in parts.
extension OpenAPISchemas {
    /// Members of `components.schemas`.
    static let uploads = [
        ##"""
        "Upload":{"type":"object","required":["id","object","bytes","created_at","expires_at","filename","purpose","status"],"properties":{"id":{"type":"string"},"object":{"const":"upload"},"bytes":{"type":"integer"},"created_at":{"type":"integer"},"expires_at":{"type":"integer"},"filename":{"type":"string"},"purpose":{"type":"string"},"status":{"enum":["pending","completed","cancelled","expired"]},"file":{"$ref":"#/components/schemas/File"}}}
        """##,
        ##"""
        "UploadPart":{"type":"object","required":["id","object","created_at","upload_id"],"properties":{"id":{"type":"string"},"object":{"const":"upload.part"},"created_at":{"type":"integer"},"upload_id":{"type":"string"}}}
        """##,
    ]
}
