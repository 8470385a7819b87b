/// The schemas of files and batches.
extension OpenAPISchemas {
    /// Members of `components.schemas`.
    static let files = [
        ##"""
        "File":{"type":"object","required":["id","object","bytes","created_at","filename","purpose","status"],"properties":{"id":{"type":"string"},"object":{"const":"file"},"bytes":{"type":"integer"},"created_at":{"type":"integer"},"filename":{"type":"string"},"purpose":{"type":"string","description":"`user_data` for documents, unless the request says another word for them."},"status":{"enum":["uploaded","processed","error"]}}}
        """##,
        ##"""
        "FileList":{"type":"object","required":["object","data","first_id","last_id","has_more"],"properties":{"object":{"const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/File"}},"first_id":{"type":["string","null"]},"last_id":{"type":["string","null"]},"has_more":{"type":"boolean"}}}
        """##,
        ##"""
        "Batch":{"type":"object","required":["id","object","endpoint","errors","input_file_id","completion_window","status","output_file_id","error_file_id","created_at","in_progress_at","expires_at","finalizing_at","completed_at","failed_at","expired_at","cancelling_at","cancelled_at","request_counts","metadata"],"properties":{"id":{"type":"string"},"object":{"const":"batch"},"endpoint":{"type":"string"},"errors":{"anyOf":[{"type":"object","properties":{"object":{"const":"list"},"data":{"type":"array","items":{"type":"object"}}}},{"type":"null"}]},"input_file_id":{"type":"string"},"completion_window":{"type":"string"},"status":{"enum":["validating","failed","in_progress","finalizing","completed","expired","cancelling","cancelled"]},"output_file_id":{"type":["string","null"]},"error_file_id":{"type":["string","null"]},"created_at":{"type":"integer"},"in_progress_at":{"type":["integer","null"]},"expires_at":{"type":["integer","null"]},"finalizing_at":{"type":["integer","null"]},"completed_at":{"type":["integer","null"]},"failed_at":{"type":["integer","null"]},"expired_at":{"type":["integer","null"]},"cancelling_at":{"type":["integer","null"]},"cancelled_at":{"type":["integer","null"]},"request_counts":{"type":["object","null"],"properties":{"total":{"type":"integer"},"completed":{"type":"integer"},"failed":{"type":"integer"}}},"metadata":{"type":["object","null"]}}}
        """##,
        ##"""
        "BatchList":{"type":"object","required":["object","data","first_id","last_id","has_more"],"properties":{"object":{"const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/Batch"}},"first_id":{"type":["string","null"]},"last_id":{"type":["string","null"]},"has_more":{"type":"boolean"}}}
        """##,
    ]
}
